import { MkimageError } from "../base/errors.ts";
import { formatSize, type Bytes } from "../base/units.ts";

/** QEMU's words for memory that the kernel does not give it. */
const refused = /[Cc]annot (set up guest memory|allocate memory)/;

/** The end of the message for a program that somebody else has killed, such as the kernel. */
const killed = / failed with signal SIGKILL$/;

/** Returns what the user is told of a QEMU that has failed: how much memory it wanted, if that was why. */
export function withoutMemory(error: unknown, memory: Bytes): unknown {
  if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") return error;
  const size = formatSize(memory);
  const wasKilled = killed.test(error.message);
  if (!wasKilled && !error.details.some((line) => refused.test(line))) return error;
  const what = wasKilled
    ? `the guest's QEMU was killed, as the kernel does where memory runs out; it may use ${size} and some more`
    : `this machine has no memory for a guest of ${size}`;
  return new MkimageError("GUEST_FAILED", what, {
    details: error.details,
    hint: "end other programs, raise the limit of memory that is set here, or give the guest less by --mem-size",
    cause: error,
  });
}
