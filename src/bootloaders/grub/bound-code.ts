import type { Bytes } from "../../base/units.ts";
import type { BootRegion, ReadRegion } from "../boot-regions.ts";
import { sectorsOfGrub, sectorsOfGrubCore } from "./code.ts";

/**
 * The reason why GRUB's code works on this one disk only: its first sector names the sector of its core, and that one the
 * core's other sectors. Pure.
 */
export function boundTo(mbr: ReadRegion, embedded: readonly ReadRegion[], sectorSize: Bytes): string | undefined {
  const first = sectorsOfGrub(mbr.bytes);
  const room = embedded.find((each) => lies(first, each, sectorSize));
  if (room === undefined) return `GRUB's code in the MBR loads its core from sector ${first.first}, amid a filesystem`;
  const core = room.bytes.subarray(first.first * sectorSize - room.offset);
  const outside = sectorsOfGrubCore(core).find((run) => !lies(run, room, sectorSize));
  return outside === undefined
    ? undefined
    : `GRUB's core in ${room.name} goes on at sector ${outside.first}, amid a filesystem`;
}

function lies(run: { readonly first: number; readonly count: number }, region: BootRegion, sectorSize: Bytes): boolean {
  const start = run.first * sectorSize;
  return start >= region.offset && start + run.count * sectorSize <= region.offset + region.length;
}
