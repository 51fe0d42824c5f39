import { renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { MkimageError } from "../base/errors.ts";
import { describeFacts, describeReasons } from "../inspect/describe.ts";
import type { InspectFacts } from "../inspect/facts.ts";
import { inspect } from "../inspect/inspect.ts";
import { readPageAssets, renderPage } from "../inspect/page-html.ts";
import { printable, printableJson } from "../inspect/printable.ts";
import { openWorkspace } from "../runtime/workspace.ts";
import { addAppearanceOptions, type AppearanceFlags, reporting } from "./appearance.ts";

interface InspectFlags extends AppearanceFlags {
  readonly html?: string;
  readonly why?: string;
  readonly format?: string;
}

/** `mkimage inspect IMAGE…`. `signal` stops it. */
export function inspectCommand(signal: AbortSignal): Command {
  const command = new Command("inspect")
    .description("show what is in an image: partitions, filesystems, free space, boot entries, store paths and why")
    .argument("<image...>", "image file; several are the disks of one machine")
    .option("--html <file>", "write everything as one page for a browser")
    .option("--why <name>", "show only why the store paths are there whose names have this in them")
    .option("--format <name>", "what the file is, as qemu-img calls it (default: what it says it is)")
    .addHelpText("after", examples)
    .action((images: string[], flags: InspectFlags) => show(images, flags, signal));
  return addAppearanceOptions(command);
}

const examples = `
Examples:
  mkimage inspect result/nixos.qcow2
  mkimage inspect result/nixos.img --why openssl
  mkimage inspect result/nixos.img --html image.html`;

async function show(images: readonly string[], flags: InspectFlags, signal: AbortSignal): Promise<void> {
  const { format } = flags;
  const facts = await reporting(flags, (reporter) => inspect(images, { reporter, signal, format }));
  if (flags.html !== undefined) await writePage(flags.html, facts);
  if (flags.json === true) print(printableJson(facts, 2));
  else if (flags.why !== undefined) reasons(facts, flags.why).forEach(print);
  else if (flags.html === undefined) describeFacts(facts).map(printable).forEach(print);
}

function reasons({ closure }: InspectFacts, name: string): string[] {
  const lines = closure === null ? [] : describeReasons(closure, name);
  if (lines.length > 0) return lines.map(printable);
  throw new MkimageError("BAD_REQUEST", `no store path in the image has ${JSON.stringify(name)} in its name`, {
    hint: "mkimage inspect IMAGE --json lists all of them",
  });
}

/** Renamed in, so that a reader never sees half a page. */
async function writePage(path: string, facts: InspectFacts): Promise<void> {
  const page = renderPage(facts, readPageAssets());
  const workspace = await openWorkspace(dirname(path));
  try {
    const unfinished = join(workspace.folder, "page");
    writeFileSync(unfinished, page);
    renameSync(unfinished, path);
  } finally {
    workspace.remove();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
