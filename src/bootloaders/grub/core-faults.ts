import { Faults } from "../../base/image-faults.ts";
import type { ReadSectors } from "../bootloader.ts";
import { sectorsOfGrub, sectorsOfGrubCore } from "./code.ts";

/** GRUB's first sector loads its core's first, and that one the rest: all of it must be on the disk, and not blank. */
export function coreFaults(mbr: Uint8Array, { sectorSize, read }: ReadSectors): readonly string[] {
  const faults = new Faults();
  const { first } = sectorsOfGrub(mbr);
  const core = faults.attempt(`GRUB's core in sector ${first}`, () => read(first * sectorSize, 512));
  if (core === undefined) return faults.list;
  if (isBlank(core)) faults.add(`GRUB's core should begin in sector ${first}, where only zeros are`);
  for (const run of sectorsOfGrubCore(core)) {
    const what = `GRUB's core in sector ${run.first}`;
    const part = faults.attempt(what, () => read(run.first * sectorSize, run.count * sectorSize));
    if (part !== undefined && isBlank(part)) faults.add(`${what}: only zeros are there`);
  }
  return faults.list;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
