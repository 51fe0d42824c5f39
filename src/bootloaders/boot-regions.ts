import type { Bytes, Sectors } from "../base/units.ts";
import type { ByteRange } from "../filesystems/filesystem.ts";
import { mbrSector } from "../structures/mbr/sector.ts";

/** A disk as far as boot code goes. Partitions are in the order of their place. */
export interface BootCodeLayout {
  /** `none`: one filesystem from the first byte on. */
  readonly table: "gpt" | "msdos" | "none";
  readonly sectorSize: Bytes;
  readonly partitions: readonly BootCodePartition[];
}

export interface BootCodePartition {
  readonly firstSector: Sectors;
  readonly sectors: Sectors;
  /** The ranges at its beginning that its filesystem leaves to boot code. `bios-grub`: all of it is a bootloader's (type `biosBoot`). */
  readonly content: "bios-grub" | readonly ByteRange[];
}

/** Bytes of a disk in which boot code can stand. */
export interface BootRegion {
  /**
   * `mbr`: the code before the partition table. `embedding`: room that belongs to no filesystem. `boot-block`: what a
   * filesystem leaves to bootloaders at its beginning.
   */
  readonly kind: "mbr" | "embedding" | "boot-block";
  /** Its name in messages. */
  readonly name: string;
  readonly offset: Bytes;
  readonly length: Bytes;
}

/** A region with the bytes that stand in it. */
export interface ReadRegion extends BootRegion {
  readonly bytes: Uint8Array;
}

/** Every region of a disk in which a bootloader's code can stand. Never one with a part of a partition table. Pure. */
export function bootRegions(layout: BootCodeLayout): BootRegion[] {
  const blocks = layout.partitions.flatMap((partition, index) => bootBlocks(partition, index + 1, layout));
  if (layout.table === "none") return blocks;
  const mbr: BootRegion = { kind: "mbr", name: "the MBR", offset: 0, length: mbrSector.bootCode.length };
  return [mbr, ...(layout.table === "msdos" ? gap(layout) : []), ...blocks];
}

/** A GPT stands where an MBR disk has its gap. */
function gap({ partitions, sectorSize }: BootCodeLayout): BootRegion[] {
  const length = ((partitions[0]?.firstSector ?? 1) - 1) * sectorSize;
  return length === 0
    ? []
    : [{ kind: "embedding", name: "the gap before the first partition", offset: sectorSize, length }];
}

function bootBlocks(
  { firstSector, sectors, content }: BootCodePartition,
  number: number,
  layout: BootCodeLayout,
): BootRegion[] {
  const offset = firstSector * layout.sectorSize;
  if (content === "bios-grub") {
    const length = sectors * layout.sectorSize;
    return [{ kind: "embedding", name: `partition ${number} (bios_grub)`, offset, length }];
  }
  const place = layout.table === "none" ? "the filesystem" : `partition ${number}`;
  return content.map(([start, end]) => ({
    kind: "boot-block",
    name: `the boot block of ${place}`,
    offset: offset + start,
    length: end - start,
  }));
}
