import { Command } from "commander";
import { describeDiff } from "../inspect/diff/describe.ts";
import { diff } from "../inspect/diff/diff.ts";
import { MkimageError } from "../base/errors.ts";
import { printable, printableJson } from "../inspect/printable.ts";
import { addAppearanceOptions, type AppearanceFlags, reporting } from "./appearance.ts";

interface DiffFlags extends AppearanceFlags {
  readonly format?: string;
}

/** `mkimage diff A B`. `signal` stops it. */
export function diffCommand(signal: AbortSignal): Command {
  const command = new Command("diff")
    .description("compare two images, or the closures of two store paths: bytes, partitions, files, store paths")
    .argument("<before>", "image file, or store path")
    .argument("<after>", "as the first")
    .option("--format <name>", "what the files are, as qemu-img calls it (default: what they say they are)")
    .addHelpText("after", examples)
    .action((before: string, after: string, flags: DiffFlags) => compare({ before, after, flags, signal }));
  return addAppearanceOptions(command);
}

const examples = `
Examples:
  mkimage diff old.qcow2 new.qcow2
  mkimage diff /run/current-system ./result

The exit code is 0 when nothing differs, and 16 when something does.`;

interface Call {
  readonly before: string;
  readonly after: string;
  readonly flags: DiffFlags;
  readonly signal: AbortSignal;
}

async function compare({ before, after, flags, signal }: Call): Promise<void> {
  const { format } = flags;
  const facts = await reporting(flags, (reporter) => diff(before, after, { reporter, signal, format }));
  const lines = flags.json === true ? [printableJson(facts, 2)] : describeDiff(facts).map(printable);
  process.stdout.write(`${lines.join("\n")}\n`);
  if (!facts.same) throw new MkimageError("MISMATCH", `${before} and ${after} differ`);
}
