import { isChainLoader } from "../../bootloaders/chain-loader.ts";
import type { ReadSectors } from "../../bootloaders/bootloader.ts";
import { everyBootloader } from "../../bootloaders/registry.ts";
import { MiB } from "../../base/units.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import { gptAttributes } from "../../structures/gpt/entry.ts";
import { hasBootMark, mbrLength, mbrSector } from "../../structures/mbr/sector.ts";
import { Faults } from "../../base/image-faults.ts";
import type { ReadDisk, Volume } from "../read-disk.ts";

/** The boot code that a BIOS starts from a disk, and the faults that keep it from going on. */
interface BiosLoader {
  readonly name: string;
  readonly faults: readonly string[];
  /** Whether it shows a menu that mkimage reads. */
  readonly hasMenu: boolean;
}

/** The name of boot code whose needs mkimage cannot check. */
export const unknownCode = "boot code that mkimage does not know";

/** The boot code of a disk; `undefined` where a BIOS finds none. */
export function biosLoader(disk: ReadDisk): BiosLoader | undefined {
  const { bytes } = disk.image;
  if (bytes.size < mbrLength) return undefined;
  const sector = bytes.read(0, mbrLength);
  if (!hasBootMark(sector)) return undefined;
  const code = sector.subarray(0, mbrSector.bootCode.length);
  if (disk.table === null) return bootBlock(bytes);
  if (code.every((byte) => byte === 0)) return undefined;
  const own = everyBootloader.map(([, loader]) => loader).find((loader) => loader.code?.isIn(code));
  if (own !== undefined)
    return { name: own.name, faults: own.code?.faults(sector, sectorsOf(disk)) ?? [], hasMenu: own.menu !== undefined };
  if (isChainLoader(code)) return chained(disk);
  return leadsSomewhere(disk) ? { name: unknownCode, faults: [], hasMenu: false } : undefined;
}

/** Tools that make tables leave code of their own, which then finds no active partition and nothing behind itself. */
function leadsSomewhere(disk: ReadDisk): boolean {
  if (disk.volumes.some(isActive) || disk.table?.kind === "gpt") return true;
  const first = Math.min(...(disk.table?.partitions ?? []).map((each) => each.first)) * disk.sectorSize;
  const gap = new Faults().attempt("", () => disk.image.bytes.read(512, Math.min(first, MiB) - 512));
  return gap?.some((byte) => byte !== 0) === true;
}

function sectorsOf({ image, sectorSize }: ReadDisk): ReadSectors {
  return { sectorSize, read: (offset, length) => image.bytes.read(offset, length) };
}

/** Code that starts the boot block of the active partition, or of the one with the attribute for it in a GPT. */
function chained({ volumes }: ReadDisk): BiosLoader {
  const volume = volumes.find(isActive);
  if (volume === undefined) return { name: "boot code", faults: ["no partition is active"], hasMenu: false };
  const loader = bootBlock(volume.bytes);
  if (loader === undefined)
    return {
      name: "boot code",
      faults: [`partition ${volume.partition?.number} is active and has no boot code`],
      hasMenu: false,
    };
  return { ...loader, name: `boot code, then ${loader.name} of partition ${volume.partition?.number}` };
}

function isActive({ partition }: Volume): boolean {
  if (partition === null) return false;
  return "active" in partition ? partition.active : partition.attributes.includes(gptAttributes.legacyBoot);
}

/** The first sector of a filesystem, where a loader wrote its name; mkfs.fat's own code only says that it boots nothing. */
function bootBlock(bytes: DiskBytes): BiosLoader | undefined {
  const sector = new Faults().attempt("", () => bytes.read(0, mbrLength));
  if (sector === undefined || !hasBootMark(sector)) return undefined;
  const text = sector.toString("latin1");
  const name = everyBootloader.flatMap(([, { menu }]) => menu?.nameInBootBlock?.(text) ?? [])[0];
  return name === undefined ? undefined : { name, faults: [], hasMenu: true };
}
