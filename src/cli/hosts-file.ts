import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { MkimageError } from "../base/errors.ts";
import { addMachineOptions, type MachineFlags } from "./machine-options.ts";

/** A line of a file of machines: the words and options of one deployment. */
interface HostsLine {
  /** `FILE:NUMBER`, for messages. */
  readonly place: string;
  readonly words: readonly string[];
  /** Those alone that stand in the line. */
  readonly flags: Partial<MachineFlags>;
}

/**
 * Reads a file that has a machine in each line, as `mkimage deploy` takes one: a system, an address, and options of that machine.
 * A `#` at the beginning of a word begins a comment, and quotes hold a word together.
 *
 * @throws MkimageError BAD_REQUEST with every line that cannot be read.
 */
export function readHostsFile(path: string): HostsLine[] {
  const faults: string[] = [];
  const lines = textOf(path).split("\n");
  const read = lines.flatMap((text, index) => {
    const place = `${path}:${index + 1}`;
    try {
      const words = wordsOf(text);
      return words.length === 0 ? [] : [{ place, ...parse(words) }];
    } catch (error) {
      if (!(error instanceof CommanderError) && !(error instanceof SyntaxError)) throw error;
      faults.push(`${place}: ${error.message.replace(/^error: /, "")}`);
      return [];
    }
  });
  if (faults.length > 0) throw unreadable(path, faults);
  if (read.length === 0) throw unreadable(path, ["it names no machine"]);
  return read;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new MkimageError("BAD_REQUEST", `${path} cannot be read: ${(error as Error).message}`);
  }
}

/** The words of a line, as a shell takes it apart, without what a shell would put in their place. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+|["']/g)) {
    if (word.startsWith("#")) break;
    if (word === '"' || word === "'") throw new SyntaxError("a quote is not closed");
    words.push(word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"));
  }
  return words;
}

function parse(words: readonly string[]): Pick<HostsLine, "words" | "flags"> {
  const command = addMachineOptions(new Command().argument("[words...]").exitOverride().helpOption(false));
  command.configureOutput({ writeErr: () => undefined }).parse(words, { from: "user" });
  const given = Object.entries(command.opts()).filter(([key]) => command.getOptionValueSource(key) === "cli");
  return { words: command.args, flags: Object.fromEntries(given) };
}

function unreadable(path: string, faults: readonly string[]): MkimageError {
  const [only] = faults;
  return new MkimageError("BAD_REQUEST", faults.length === 1 ? `${only}` : `${path} has lines that cannot be read`, {
    details: faults.length === 1 ? [] : faults,
    hint: "a line is SYSTEM [USER@]HOST and options of that machine, such as --disk, -p, --final-host, --extra-files",
  });
}
