import { createInterface } from "node:readline/promises";
import { Command, InvalidArgumentError } from "commander";
import type { Dialogue } from "../disk/confirm.ts";
import { describeReport, writeImage } from "../disk/write-image.ts";
import { MkimageError } from "../errors.ts";
import { addAppearanceOptions, reporterOf } from "./appearance.ts";

interface WriteFlags {
  readonly yes?: boolean;
  readonly expectSize?: number;
  readonly dryRun?: boolean;
  readonly allowPartition?: boolean;
}

/** `mkimage write IMAGE DEVICE`. `signal` stops it. */
export function writeCommand(signal: AbortSignal): Command {
  const command = new Command("write")
    .description("write an image of any format to a disk, and read all of it back")
    .argument("<image>", "the image file")
    .argument("<device>", "the disk, such as /dev/disk/by-id/usb-…")
    .option("--yes", "do not ask; the device must be given by its path under /dev/disk/by-id")
    .option("--expect-size <bytes>", "the device's exact size, for devices with no such path", wholeBytes)
    .option("--allow-partition", "write into a partition instead of to a disk")
    .option("--dry-run", "say what would happen, and write nothing")
    .addHelpText("after", examples)
    .action((image: string, device: string, flags: WriteFlags) => write({ image, device, flags, signal }));
  return addAppearanceOptions(command);
}

const examples = `
Examples:
  mkimage write result/nixos.qcow2 /dev/sdb --dry-run
  mkimage write result/nixos.qcow2 /dev/sdb
  mkimage write result/nixos.img /dev/disk/by-id/usb-Vendor_Stick_0123-0:0 --yes`;

interface Call {
  readonly image: string;
  readonly device: string;
  readonly flags: WriteFlags;
  readonly signal: AbortSignal;
}

async function write({ image, device, flags, signal }: Call): Promise<void> {
  const reporter = reporterOf({ ...flags });
  const report = await writeImage({ ...flags, image, path: device }, terminalDialogue(signal), { reporter, signal });
  if (report !== undefined) describeReport(device, report).forEach(print);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Asks only where somebody can read the question and answer it. */
function terminalDialogue(signal: AbortSignal): Dialogue {
  const canAsk = process.stdin.isTTY && process.stderr.isTTY;
  return { say: print, ask: canAsk ? (question) => askOnTerminal(question, signal) : undefined };
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

function wholeBytes(text: string): number {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new InvalidArgumentError("It is a whole number of bytes, as lsblk -b and blockdev --getsize64 print it.");
}
