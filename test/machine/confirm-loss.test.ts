import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import type { NodeDifference } from "../../src/devices/changes/difference.ts";
import { confirmLoss } from "../../src/machine/confirm-loss.ts";

const doomed = ["disk.main.content.partitions.old", "lvm_vg.pool.lvs.scratch"].map((path): NodeDifference => {
  const loses = [`partition of ${path}`, 'a filesystem (ext4) "photos" with 3 GiB in it'];
  return {
    path,
    what: "",
    device: "/dev/sda1",
    state: "extra",
    change: "destructive",
    before: 1,
    after: null,
    properties: [],
    loses,
  };
});

/** Everything that is said and asked, with these answers. */
function dialogueWith(answers?: readonly string[]) {
  const said: string[] = [];
  const left = [...(answers ?? [])];
  const ask = async (question: string) => {
    said.push(question);
    return left.shift() ?? "";
  };
  return { said, dialogue: { say: (line: string) => void said.push(line), ask: answers && ask } };
}

test("each node is shown with what is on it, and its path is typed again", async (t) => {
  const { said, dialogue } = dialogueWith(doomed.map(({ path }) => path));
  await confirmLoss(doomed, { yes: false }, dialogue);
  t.is(said.filter((line) => line.includes('"photos" with 3 GiB')).length, 2);
  t.is(said.filter((line) => /Type lvm_vg\.pool\.lvs\.scratch/.test(line)).length, 1);
});

for (const [what, answers] of [
  ["without a terminal", undefined],
  ["with another answer", ["yes"]],
  ["with one path of two", [doomed[0]?.path ?? ""]],
] as const) {
  test(`${what} nothing is confirmed`, async (t) => {
    const { dialogue } = dialogueWith(answers);
    await t.throwsAsync(confirmLoss(doomed, { yes: false }, dialogue), { instanceOf: MkimageError });
  });
}

test("who has agreed is shown it, and not asked; where nothing is lost nobody is", async (t) => {
  const agreed = dialogueWith();
  await confirmLoss(doomed, { yes: true }, agreed.dialogue);
  t.true(agreed.said.length > 0);
  const none = dialogueWith();
  await confirmLoss([], { yes: false }, none.dialogue);
  t.deepEqual(none.said, []);
});
