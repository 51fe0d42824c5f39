import test from "ava";
import { inTurn } from "../../src/guest/job.ts";
import { byteString } from "../../src/base/byte-string.ts";

const file = (path: string) => ({ path: byteString(path), bytes: Buffer.from(path) });

test("two jobs in turn keep their steps and files in order, and name each module once", (t) => {
  const first = { steps: [{ title: "1", argv: ["one"] }], modules: ["ext4", "xfs"], files: [file("a")] };
  const second = { steps: [{ title: "2", argv: ["two"] }], modules: ["xfs", "vfat"], resultsLimit: 5 };
  t.deepEqual(inTurn(first, second), {
    steps: [...first.steps, ...second.steps],
    modules: ["ext4", "xfs", "vfat"],
    files: [file("a")],
    resultsLimit: 5,
  });
});
