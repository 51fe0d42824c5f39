import { type Command, InvalidArgumentError } from "commander";
import type { Consent } from "../machine/confirm.ts";

/** Adds the options by which a user agrees, without being asked, that a disk is overwritten. */
export function addConsentOptions(command: Command): Command {
  return command
    .option("--yes", "do not ask; the device must be given by its path under /dev/disk/by-id")
    .option("--expect-size <bytes>", "the device's exact size, for devices with no such path", wholeBytes)
    .option("--allow-partition", "write into a partition instead of to a disk")
    .option("--dry-run", "say what would happen to the disk, and write nothing");
}

/** The values of those options. */
export interface ConsentFlags extends Consent {
  readonly dryRun?: boolean;
  readonly allowPartition?: boolean;
}

function wholeBytes(text: string): number {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new InvalidArgumentError("It is a whole number of bytes, as lsblk -b and blockdev --getsize64 print it.");
}
