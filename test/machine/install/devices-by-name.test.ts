import test from "ava";
import { MkimageError } from "../../../src/base/errors.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { devicesByName } from "../../../src/machine/install/devices-by-name.ts";
import { parseRequest } from "../../../src/request/parse.ts";
import { withImageSizes } from "../../../src/pipeline/plan/image-sizes.ts";
import { treeSteps } from "../../../src/devices/steps/tree-steps.ts";
import { unitsOf } from "../../../src/devices/tree/units.ts";

const content = { type: "filesystem", format: "ext4", mountpoint: "/" };
const tree = readDeviceTree({
  disk: { "a/b": { device: "/dev/sda", content }, c: { name: "other", device: "/dev/sdb" } },
});

for (const named of ["a/b", "a_b"]) {
  test(`--disk ${named} moves the disk whose key is a/b, and its steps leave the tree's own device alone`, (t) => {
    const devices = devicesByName(tree, [[named, "/dev/sdx"]]);
    t.is(unitsOf(tree, devices)[0]?.device, "/dev/sdx");
    const steps = JSON.stringify(treeSteps("destroy", tree, { root: "/mnt", devices }));
    t.true(steps.includes("/dev/sdx"));
    t.false(steps.includes("/dev/sda"));
  });

  test(`--image-size ${named}=8G is the size of the disk whose key is a/b`, (t) => {
    const { imageSize } = parseRequest({}, { devices: "tree.json", imageSize: [`${named}=8G`] });
    t.is(withImageSizes(tree, imageSize).disk["a/b"]?.imageSize, "8G");
  });
}

test("a disk is named by its key or its name", (t) => {
  t.deepEqual(devicesByName(tree, [["c", "/dev/sdx"]]), { other: "/dev/sdx" });
  t.deepEqual(devicesByName(tree, [["other", "/dev/sdx"]]), { other: "/dev/sdx" });
});

const refused: Readonly<Record<string, [readonly (readonly [string, string])[], RegExp]>> = {
  "that the tree does not have": [[["d", "/dev/sdx"]], /^--disk: the device tree has no disk "d"$/],
  "of every object": [[["constructor", "/dev/sdx"]], /has no disk "constructor"$/],
  "that is given twice": [
    [
      ["a/b", "/dev/sdx"],
      ["a_b", "/dev/sdy"],
    ],
    /^--disk: a\/b is \/dev\/sdx and \/dev\/sdy$/,
  ],
};

for (const [which, [given, message]] of Object.entries(refused)) {
  test(`a disk ${which} is refused`, (t) => {
    const error = t.throws<MkimageError>(() => devicesByName(tree, given));
    t.is(error.code, "BAD_REQUEST");
    t.regex(error.message, message);
  });
}
