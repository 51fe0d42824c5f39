import type { BootWish } from "./boot-wishes.ts";
import { isBlank, isContainer, isOpaque, type VolumeOfDisk } from "./volume-of-disk.ts";

export interface LookedFor {
  /** What is nowhere. */
  readonly faults: readonly string[];
  /** What may be where we do not read. */
  readonly unknown: readonly string[];
}

/**
 * Looks for what booting names on the disks of a machine. Pure.
 *
 * What is not found is a fault only where nothing that we cannot read could hold it: layers such as LUKS hide names, and
 * filesystems of other kinds what is in them. Without a filesystem that should have it, it comes from elsewhere: a system
 * from its initrd or a network, a menu from the loader itself.
 */
export function lookForWishes(wishes: readonly BootWish[], volumes: readonly VolumeOfDisk[]): LookedFor {
  const faults: string[] = [];
  const unknown: string[] = [];
  const blank = volumes.filter(isBlank);
  for (const wish of wishes) {
    if (volumes.some(wish.isMetBy)) continue;
    const hiding = volumes.filter(wish.kind === "device" ? isContainer : isOpaque);
    if (hiding.length > 0) unknown.push(`${wish.text} was not looked for in ${list(hiding)}`);
    else if (blank.length > 0) faults.push(`${wish.text} is nowhere; no filesystem was found in ${list(blank)}`);
    else if (volumes.some(wish.isExpectedOf)) faults.push(`${wish.text} is nowhere`);
  }
  return { faults, unknown };
}

function list(volumes: readonly VolumeOfDisk[]): string {
  return volumes
    .map(({ name, signature }) => (signature.type === null ? name : `${name} (${signature.type})`))
    .join(", ");
}
