import { bytesExtent, type Extent } from "../image/extent.ts";
import { type Bytes, roundUp } from "../base/units.ts";
import { type BootCodeLayout, bootRegions, type ReadRegion } from "./boot-regions.ts";
import { isChainLoader } from "./chain-loader.ts";
import { everyBootloader } from "./registry.ts";

/** Reads bytes of a raw image. */
type ReadDisk = (offset: Bytes, length: Bytes) => Promise<Uint8Array>;

/** The code that an installer wrote to a disk outside its filesystems, or the reason why that works on this one disk only. */
export type BootCode =
  | { readonly relocatable: true; readonly extents: readonly Extent[] }
  | { readonly relocatable: false; readonly reason: string };

/** The bytes of all regions that can hold boot code; read once before the installer runs, and once after. */
export async function readBootRegions(read: ReadDisk, layout: BootCodeLayout): Promise<ReadRegion[]> {
  const regions: ReadRegion[] = [];
  for (const region of bootRegions(layout)) {
    regions.push({ ...region, bytes: await read(region.offset, region.length) });
  }
  return regions;
}

/**
 * The boot code that an installer wrote, as extents of the disk, when it works on any disk of the same layout. Code that
 * names the blocks of files by number does not: filesystems are laid out anew afterwards. Pure.
 */
export function bootCodeOf(
  before: readonly ReadRegion[],
  after: readonly ReadRegion[],
  layout: BootCodeLayout,
): BootCode {
  const changed = after.filter(
    ({ bytes }, index) => Buffer.compare(bytes, before[index]?.bytes ?? Buffer.alloc(0)) !== 0,
  );
  const reason = boundBootBlock(changed) ?? boundMbr(changed, layout.sectorSize);
  if (reason !== undefined) return { relocatable: false, reason };
  return { relocatable: true, extents: changed.map((region) => extentOf(region, layout.sectorSize)) };
}

function boundBootBlock(changed: readonly ReadRegion[]): string | undefined {
  const block = changed.find(({ kind }) => kind === "boot-block");
  return block === undefined
    ? undefined
    : `the installer wrote code into ${block.name} (as extlinux and GRUB without an embedding gap do), which holds block numbers of files`;
}

function boundMbr(changed: readonly ReadRegion[], sectorSize: Bytes): string | undefined {
  const mbr = changed.find(({ kind }) => kind === "mbr");
  const rooms = changed.filter(({ kind }) => kind === "embedding");
  if (mbr === undefined) return undefined;
  const known = everyBootloader.find(([, { code }]) => code?.isIn(mbr.bytes) === true)?.[1].code;
  if (known !== undefined) return known.boundTo(mbr, rooms, sectorSize);
  if (rooms.length > 0 || isChainLoader(mbr.bytes)) return undefined;
  return "the installer wrote code into the MBR that mkimage does not know, which may hold block numbers of files";
}

/** The region up to the end of what is in it, in whole sectors where it is made of them. */
function extentOf({ kind, offset, bytes }: ReadRegion, sectorSize: Bytes): Extent {
  if (kind !== "embedding") return bytesExtent(offset, bytes);
  const used = bytes.findLastIndex((byte) => byte !== 0) + 1;
  return bytesExtent(offset, bytes.slice(0, Math.min(bytes.length, roundUp(used, sectorSize))));
}
