import type { DiskBytes } from "../../image/disk-bytes.ts";
import type { ReadDisk } from "../read-disk.ts";
import { MiB } from "../../base/units.ts";
import { type Check, unknown } from "./check.ts";
import { isBlank } from "./is-blank.ts";
import { packingOf } from "./packing.ts";

const subject = "contents";

/** A disk, with the checks of its table and contents. */
export interface CheckedDisk {
  readonly disk: ReadDisk;
  readonly checks: readonly Check[];
}

/**
 * Finds the reasons why the other checks give no verdict: a disk without any recognised content, or disks of which no check
 * found anything sound. A table is no content: where it has partitions, the content of one of them must be recognised.
 */
export function checkUnderstood(checked: readonly CheckedDisk[]): readonly Check[] {
  const strangers = checked.filter(({ disk, checks }) => !isKnown(disk) && !hasFailed(checks));
  const named = (disk: ReadDisk): string => (checked.length > 1 ? `${disk.image.name}: ${subject}` : subject);
  if (strangers.length > 0) return strangers.map(({ disk }) => unknown(named(disk), describeStranger(disk)));
  const all = checked.flatMap(({ checks }) => checks);
  if (hasFailed(all) || all.some(({ outcome }) => outcome === "ok")) return [];
  const types = checked.flatMap(({ disk }) => disk.volumes.map(({ signature }) => signature.type ?? "unknown"));
  return [unknown(subject, `nothing was checked: there is only ${types.join(", ")}`)];
}

function hasFailed(checks: readonly Check[]): boolean {
  return checks.some(({ outcome }) => outcome === "failed");
}

/** Whether a table has no partitions, or something is in one of them or on the disk that we or blkid know. */
function isKnown({ table, volumes }: ReadDisk): boolean {
  if (table !== null && table.partitions.length === 0) return true;
  return volumes.some(({ signature, filesystem, fault }) => signature.type ?? filesystem ?? fault);
}

function describeStranger({ table, image }: ReadDisk): string {
  if (table !== null) return "there is nothing that is known in any partition";
  if (image.size === 0) return "the image is empty";
  const packing = packingOf(image.bytes);
  if (packing !== undefined) return `it is ${packing}: unpack it, and verify that`;
  if (hasBlankEnds(image.bytes)) return "it begins and ends with zeros: no table, no filesystem";
  return "no partition table and no filesystem that is known";
}

function hasBlankEnds(bytes: DiskBytes): boolean {
  const length = Math.min(MiB, bytes.size);
  return [0, bytes.size - length].every((at) => isBlank(bytes, at, length));
}
