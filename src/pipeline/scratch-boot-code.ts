import { open } from "node:fs/promises";
import { bootCodeOf, readBootRegions } from "../bootloaders/boot-code.ts";
import type { ReadRegion } from "../bootloaders/boot-regions.ts";
import type { Installation } from "../bootloaders/installation.ts";
import type { Extent } from "../image/extent.ts";
import type { DiskLayout } from "../layout/layout.ts";
import { bootCodeLayoutOf } from "./plan/boot-code-layout.ts";
import type { ScratchDisk } from "./scratch.ts";

/** Reads the regions of each scratch disk that can hold boot code. */
export function readAllRegions(scratch: readonly ScratchDisk[]): Promise<ReadRegion[][]> {
  return Promise.all(scratch.map(({ layout, disk }) => readRegions(layout, disk.path)));
}

/** The boot code that an installer wrote to each disk, or why it cannot be laid out again. */
export function bootCodeOfAll(
  scratch: readonly ScratchDisk[],
  before: readonly ReadRegion[][],
  after: readonly ReadRegion[][],
): Installation["bootCode"] | string {
  const extents = new Map<string, readonly Extent[]>();
  for (const [index, { layout }] of scratch.entries()) {
    const code = bootCodeOf(before[index] ?? [], after[index] ?? [], bootCodeLayoutOf(layout));
    if (!code.relocatable) return code.reason;
    extents.set(layout.name, code.extents);
  }
  return extents;
}

async function readRegions(disk: DiskLayout, path: string): Promise<ReadRegion[]> {
  await using file = await open(path, "r");
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
  return await readBootRegions(read, bootCodeLayoutOf(disk));
}
