import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import type { Dialogue } from "../machine/confirm.ts";
import type { DeviceReport } from "../machine/write-device.ts";
import { describeReport } from "../machine/write-image.ts";
import { MkimageError } from "../base/errors.ts";
import { printableJson, printableLines } from "../inspect/printable.ts";
import type { Reporter } from "../runtime/reporter.ts";
import type { AppearanceFlags } from "./appearance.ts";

/** The user of a command that writes to a disk; a program is told what would be said to people as notes. */
export function dialogueOf({ json = false }: AppearanceFlags, reporter: Reporter, signal: AbortSignal): Dialogue {
  const dialogue = terminalDialogue(signal);
  return json ? { ...dialogue, say: (line) => reporter.note(line) } : dialogue;
}

/** Prints the report of the data written to a disk and verified. */
export function printReport(device: string, report: DeviceReport, { json = false }: AppearanceFlags): void {
  const lines = json ? [printableJson({ version: 1, device, ...report })] : describeReport(device, report);
  lines.forEach(print);
}

/** The user at the terminal; asked only where somebody can read the question and answer it. */
function terminalDialogue(signal: AbortSignal): Dialogue {
  const canAsk = process.stdin.isTTY && process.stderr.isTTY;
  return {
    say: (line) => print(printableLines(line)),
    ask: canAsk ? (question) => askOnTerminal(question, signal) : undefined,
  };
}

/** One line of a command's own output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function askOnTerminal(question: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  // A terminal that hangs up, or Ctrl-D: a question without an answer would end the program as if all were well.
  const gone = once(terminal, "close", { signal }).then(() => Promise.reject(new Error("nobody answers any more")));
  try {
    return await Promise.race([terminal.question(question, { signal }), gone]);
  } catch (error) {
    throw new MkimageError("INTERRUPTED", "interrupted; nothing was written", { cause: error });
  } finally {
    gone.catch(() => {});
    terminal.close();
  }
}
