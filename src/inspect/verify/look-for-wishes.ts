import type { BootWish } from "./boot-wishes.ts";
import { isBlank, isContainer, isOpaque, type VolumeOfDisk } from "./volume-of-disk.ts";

export interface LookedFor {
  /** Wishes that no volume meets. */
  readonly faults: readonly string[];
  /** Wishes that a volume may meet whose contents mkimage does not read. */
  readonly unknown: readonly string[];
}

/**
 * Looks on the disks of a machine for the devices and files that booting names. Pure.
 *
 * An unmet wish is a fault only where no unread volume could meet it: layers such as LUKS hide names, and filesystems of
 * other kinds hide their files. Where no volume is expected to meet it, it is met from elsewhere: a system from its initrd
 * or a network, a menu from the loader itself.
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
