import { isChainLoader } from "../../bootloaders/chain-loader.ts";
import { isGrub, sectorsOfGrub, sectorsOfGrubCore } from "../../bootloaders/grub/code.ts";
import { MiB } from "../../base/units.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import { gptAttributes } from "../../structures/gpt/entry.ts";
import { hasBootMark, mbrLength, mbrSector } from "../../structures/mbr/sector.ts";
import { Faults } from "../faults.ts";
import type { ReadDisk, Volume } from "../read-disk.ts";

/** The boot code that a BIOS starts from a disk, and the faults that keep it from going on. */
interface BiosLoader {
  readonly name: string;
  readonly faults: readonly string[];
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
  if (isGrub(code)) return { name: "GRUB", faults: grubFaults(disk, sector) };
  if (isChainLoader(code)) return chained(disk);
  return leadsSomewhere(disk) ? { name: unknownCode, faults: [] } : undefined;
}

/** Tools that make tables leave code of their own, which then finds no active partition and nothing behind itself. */
function leadsSomewhere(disk: ReadDisk): boolean {
  if (disk.volumes.some(isActive) || disk.table?.kind === "gpt") return true;
  const first = Math.min(...(disk.table?.partitions ?? []).map((each) => each.first)) * disk.sectorSize;
  const gap = new Faults().attempt("", () => disk.image.bytes.read(512, Math.min(first, MiB) - 512));
  return gap?.some((byte) => byte !== 0) === true;
}

/** GRUB's first sector loads its core's first, and that one the rest: all of it must be on the disk, and not blank. */
function grubFaults({ image, sectorSize }: ReadDisk, sector: Buffer): string[] {
  const faults = new Faults();
  const { first } = sectorsOfGrub(sector);
  const core = faults.attempt(`GRUB's core in sector ${first}`, () => image.bytes.read(first * sectorSize, 512));
  if (core === undefined) return faults.list;
  if (core.every((byte) => byte === 0)) faults.add(`GRUB's core should begin in sector ${first}, where only zeros are`);
  for (const run of sectorsOfGrubCore(core)) {
    const what = `GRUB's core in sector ${run.first}`;
    const part = faults.attempt(what, () => image.bytes.read(run.first * sectorSize, run.count * sectorSize));
    if (part?.every((byte) => byte === 0) === true) faults.add(`${what}: only zeros are there`);
  }
  return faults.list;
}

/** Code that starts the boot block of the active partition, or of the one with the attribute for it in a GPT. */
function chained({ volumes }: ReadDisk): BiosLoader {
  const volume = volumes.find(isActive);
  if (volume === undefined) return { name: "boot code", faults: ["no partition is active"] };
  const loader = bootBlock(volume.bytes);
  if (loader === undefined)
    return { name: "boot code", faults: [`partition ${volume.partition?.number} is active and has no boot code`] };
  return { name: `boot code, then ${loader.name} of partition ${volume.partition?.number}`, faults: loader.faults };
}

function isActive({ partition }: Volume): boolean {
  if (partition === null) return false;
  return "active" in partition ? partition.active : partition.attributes.includes(gptAttributes.legacyBoot);
}

/** The first sector of a filesystem, where a loader wrote its name; mkfs.fat's own code only says that it boots nothing. */
function bootBlock(bytes: DiskBytes): BiosLoader | undefined {
  const sector = new Faults().attempt("", () => bytes.read(0, mbrLength));
  if (sector === undefined || !hasBootMark(sector)) return undefined;
  const name = /(SYS|EXT|ISO)LINUX/.exec(sector.toString("latin1"))?.[0];
  if (name !== undefined) return { name: name.toLowerCase(), faults: [] };
  return isGrub(sector) ? { name: "GRUB", faults: [] } : undefined;
}
