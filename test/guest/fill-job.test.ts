import test from "ava";
import { fillingTools, fillJob, type FilledFilesystem, inTurn } from "../../src/guest/fill-job.ts";

const root: FilledFilesystem = {
  disk: "main",
  partition: 2,
  type: "xfs",
  format: { tool: "mkfs.xfs", arguments: ["-L", "a label"] },
  title: "/",
};
const data: FilledFilesystem = {
  disk: "other",
  type: "btrfs",
  format: { tool: "mkfs.btrfs", arguments: [] },
  title: "/data",
};
const toolbox = { steps: [{ title: "open the toolbox", argv: ["/vm/open-toolbox"] }], modules: ["ext4"] };

test("each filesystem is made, then filled from its own folder of the source", (t) => {
  const { steps, modules } = fillJob([root, data], toolbox);
  t.deepEqual(
    steps.map(({ argv }) => argv),
    [
      ["/vm/open-toolbox"],
      ["/vm/attach-disk", "mkimage-source", "/source"],
      ["/vm/format-filesystem", "main", "2", "/toolbox/bin/mkfs.xfs", "-L", "a label"],
      ["/vm/fill-filesystem", "main", "2", "xfs", "/source/0", "0"],
      ["/vm/format-filesystem", "other", "", "/toolbox/bin/mkfs.btrfs"],
      ["/vm/fill-filesystem", "other", "", "btrfs", "/source/1", "1"],
    ],
  );
  t.deepEqual(modules, ["ext4", "xfs", "btrfs"]);
});

test("the tools are those that make the filesystems, and one that copies", (t) => {
  t.deepEqual(fillingTools([root, data]), ["cp", "mkfs.xfs", "mkfs.btrfs"]);
});

test("two jobs in turn keep their steps in order, and name each module once", (t) => {
  const first = { steps: [{ title: "1", argv: ["one"] }], modules: ["ext4", "xfs"] };
  const second = { steps: [{ title: "2", argv: ["two"] }], modules: ["xfs", "vfat"], resultsLimit: 5 };
  t.deepEqual(inTurn(first, second), {
    steps: [...first.steps, ...second.steps],
    modules: ["ext4", "xfs", "vfat"],
    resultsLimit: 5,
  });
});
