import { createInterface } from "node:readline/promises";
import type { Dialogue } from "../disk/confirm.ts";
import { MkimageError } from "../errors.ts";

/** The user at the terminal; asked only where somebody can read the question and answer it. */
export function terminalDialogue(signal: AbortSignal): Dialogue {
  const canAsk = process.stdin.isTTY && process.stderr.isTTY;
  return { say: print, ask: canAsk ? (question) => askOnTerminal(question, signal) : undefined };
}

/** One line of a command's own output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function askOnTerminal(question: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    return await terminal.question(question, { signal });
  } catch (error) {
    throw new MkimageError("INTERRUPTED", "interrupted; nothing was written", { cause: error });
  } finally {
    terminal.close();
  }
}
