import { writeCommand } from "../../src/cli/write.ts";
import { MkimageError } from "../../src/base/errors.ts";

// `mkimage write` in a process of its own, which prints an error's code.

const interruption = new AbortController();
process.once("SIGINT", () => interruption.abort());
try {
  await writeCommand(interruption.signal).parseAsync(process.argv);
} catch (error) {
  if (!(error instanceof MkimageError)) throw error;
  process.stdout.write(`${error.code}: ${error.message}\n`);
  process.exitCode = 1;
}
