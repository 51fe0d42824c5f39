import test from "ava";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { unsetImageSizes } from "../../../src/devices/tree/unset-image-sizes.ts";

test("in an evaluated configuration disko's default size counts as none, and that is said", (t) => {
  const read = readDeviceTree({ disk: { a: { imageSize: "2G" }, b: { imageSize: "3G" }, c: {} } });
  const { tree, notes } = unsetImageSizes(read);
  t.deepEqual(
    Object.values(tree.disk).map(({ imageSize }) => imageSize),
    ["auto", "3G", "auto"],
  );
  t.is(notes.length, 1);
  t.regex(notes.join(), /^disk a: .*--image-size a=2G/);
});
