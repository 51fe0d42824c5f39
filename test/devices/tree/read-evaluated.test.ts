import test from "ava";
import { MkimageError } from "../../../src/base/errors.ts";
import { readEvaluatedTree } from "../../../src/devices/tree/read-evaluated.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";

const filesystem = { type: "filesystem", format: "ext4", mountpoint: "/" };
const partitionsWith = (further: object) => ({
  a: { size: "1M", ...further },
  root: { size: "100%", content: { ...filesystem, ...further } },
});
const treeWith = (further: object) => ({
  disk: { main: { ...further, imageSize: "4G", content: { type: "gpt", partitions: partitionsWith(further) } } },
});

for (const empty of [null, false, "", [], {}]) {
  test(`an option of a newer disko is passed over where its value is ${JSON.stringify(empty)}`, (t) => {
    const { tree, notes } = readEvaluatedTree({
      disko: { devices: { ...treeWith({ fresh: empty }), newKind: empty } },
    });
    t.deepEqual(tree, readDeviceTree(treeWith({})));
    t.is(notes.length, 1);
    t.regex(notes.join(), /not know .*: fresh, newKind /);
  });
}

for (const value of [0, true, "x", [null], { a: null }]) {
  test(`it is a fault where its value is ${JSON.stringify(value)}, each at its place`, (t) => {
    const error = t.throws(() => readEvaluatedTree({ ...treeWith({ fresh: value, other: null }) }), {
      instanceOf: MkimageError,
    });
    t.deepEqual(
      error?.details,
      [
        "disk.main.fresh: unknown key",
        "disk.main.content.partitions.a.fresh: unknown key",
        "disk.main.content.partitions.root.content.fresh: unknown key",
      ].toSorted(),
    );
  });
}

test("what somebody wrote is read strictly: an empty unknown key is a mistyped one", (t) => {
  t.throws(() => readDeviceTree(treeWith({ fresh: null })), { instanceOf: MkimageError, message: /3 faults/ });
});

test("disko's default size counts as none in it", (t) => {
  const { tree, notes } = readEvaluatedTree({ disk: { a: { imageSize: "2G" } } });
  t.is(tree.disk["a"]?.imageSize, "auto");
  t.regex(notes.join(), /^disk a: /);
});
