/** Consecutive sectors of a disk. */
interface SectorRun {
  readonly first: number;
  readonly count: number;
}

/** The name that GRUB's code in a first sector says before it goes on. */
export const mark = "GRUB ";

/** Whether the code of an MBR is GRUB's. */
export function isGrub(mbr: Uint8Array): boolean {
  return textOf(mbr).includes(mark);
}

/** The sector that GRUB's MBR code loads. Source: GRUB 2, boot.S: a 64-bit number at 0x5c. */
export function sectorsOfGrub(mbr: Uint8Array): SectorRun {
  return { first: number64At(mbr, 0x5c), count: 1 };
}

/**
 * The sectors that the first sector of GRUB's core loads. Source: GRUB 2, diskboot.S: runs of 12 bytes (first sector, 64
 * bits; count, 16; segment, 16) from the sector's end downwards, the last with count 0.
 */
export function sectorsOfGrubCore(core: Uint8Array): SectorRun[] {
  const view = new DataView(core.buffer, core.byteOffset, core.byteLength);
  const runs: SectorRun[] = [];
  for (let position = sectorEnd - runLength; position >= runLength; position -= runLength) {
    const count = view.getUint16(position + 8, true);
    if (count === 0) break;
    runs.push({ first: number64At(core, position), count });
  }
  return runs;
}

const sectorEnd = 0x200;
const runLength = 12;

function number64At(bytes: Uint8Array, position: number): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(position, true));
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
