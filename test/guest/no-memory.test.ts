import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import { withoutMemory } from "../../src/guest/no-memory.ts";
import { run } from "../../src/runtime/run.ts";

const GiB = 1024 ** 3;

/** The error of a shell script that stands for QEMU. */
async function failureOf(script: string): Promise<unknown> {
  return run("sh", ["-c", script]).catch((error: unknown) => error);
}

for (const [what, script, message] of [
  [
    "is not given its memory",
    `echo "qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory" >&2; exit 1`,
    /^this machine has no memory for a guest of 2 GiB$/,
  ],
  ["is killed", "kill -9 $$", /^the guest's QEMU was killed, .* memory runs out; it may use 2 GiB and some more$/],
] as const) {
  test(`a QEMU that ${what} is told with the guest's memory, and with what to do`, async (t) => {
    const error = withoutMemory(await failureOf(script), 2 * GiB);
    t.true(error instanceof MkimageError);
    t.like(error, { code: "GUEST_FAILED" });
    t.regex((error as MkimageError).message, message);
    t.regex((error as MkimageError).hint ?? "", /--mem-size/);
  });
}

test("a QEMU that fails otherwise keeps its own words", async (t) => {
  for (const script of ["echo unknown option >&2; exit 1", "kill $$"]) {
    const error = await failureOf(script);
    t.is(withoutMemory(error, GiB), error);
  }
});
