import type { Sectors } from "../../base/units.ts";
import type { FatGeometry } from "./geometry.ts";

/** The fields of the boot sector besides the geometry. */
interface VolumeIdentity {
  /** Up to 11 characters, or empty. */
  readonly label: string;
  readonly volumeId: number;
  readonly hiddenSectors: Sectors;
}

/** The fields of the FSInfo sector. */
interface FreeClusters {
  readonly count: number;
  readonly next: number;
}

export const mediaDescriptor = 0xf8;
const backupSector = 6;

/**
 * The reserved sectors from the first on: the boot sector, and for FAT32 FSInfo and the copies of both.
 *
 * Source: Microsoft FAT specification, "Boot sector and BPB", "FSInfo sector".
 */
export function reservedBytes(geometry: FatGeometry, identity: VolumeIdentity, free: FreeClusters): Uint8Array {
  const boot = bootSector(geometry, identity);
  if (geometry.bits !== 32) return boot;
  const { sectorSize } = geometry;
  const bytes = Buffer.alloc((backupSector + 2) * sectorSize);
  for (const sector of [0, backupSector]) {
    bytes.set(boot, sector * sectorSize);
    bytes.set(informationSector(free), (sector + 1) * sectorSize);
  }
  return bytes;
}

/** A label as boot sector and root folder hold it. */
export function labelBytes(label: string): Buffer {
  return Buffer.from((label === "" ? "NO NAME" : label).padEnd(11), "latin1");
}

function bootSector(geometry: FatGeometry, identity: VolumeIdentity): Buffer {
  const bytes = Buffer.alloc(geometry.sectorSize);
  const isWide = geometry.bits === 32;
  writeParameters(bytes, geometry, identity.hiddenSectors);
  if (isWide) writeWideParameters(bytes, geometry);
  const extended = isWide ? 64 : 36;
  bytes[extended] = 0x80; // the BIOS's number of the first hard disk
  bytes[extended + 2] = 0x29; // the three fields that follow are there
  bytes.writeUInt32LE(identity.volumeId, extended + 3);
  bytes.set(labelBytes(identity.label), extended + 7);
  bytes.write(`FAT${geometry.bits}`.padEnd(8), extended + 18, "ascii");
  const code = extended + 26;
  bytes.set([0xeb, code - 2, 0x90], 0); // a jump to the code
  bytes.set(bootCode(code), code);
  bytes.set([0x55, 0xaa], 510);
  return bytes;
}

function writeParameters(bytes: Buffer, geometry: FatGeometry, hiddenSectors: Sectors): void {
  const { bits, sectorSize, totalSectors } = geometry;
  const isShort = bits !== 32 && totalSectors < 0x1_0000;
  bytes.write("MSWIN4.1", 3, "ascii"); // the maker that every driver knows
  bytes.writeUInt16LE(sectorSize, 11);
  bytes[13] = geometry.sectorsPerCluster;
  bytes.writeUInt16LE(geometry.reservedSectors, 14);
  bytes[16] = 2; // tables
  bytes.writeUInt16LE((geometry.rootSectors * sectorSize) / 32, 17);
  bytes.writeUInt16LE(isShort ? totalSectors : 0, 19);
  bytes[21] = mediaDescriptor;
  bytes.writeUInt16LE(bits === 32 ? 0 : geometry.sectorsPerFat, 22);
  bytes.writeUInt16LE(63, 24); // sectors a track
  bytes.writeUInt16LE(255, 26); // heads
  bytes.writeUInt32LE(hiddenSectors, 28);
  bytes.writeUInt32LE(isShort ? 0 : totalSectors, 32);
}

function writeWideParameters(bytes: Buffer, geometry: FatGeometry): void {
  bytes.writeUInt32LE(geometry.sectorsPerFat, 36);
  bytes.writeUInt32LE(2, 44); // the root folder's cluster
  bytes.writeUInt16LE(1, 48); // FSInfo's sector
  bytes.writeUInt16LE(backupSector, 50);
}

/** Says that nothing boots from here, and leaves the rest to the BIOS (INT 18h). It is loaded at 7C00h. */
function bootCode(offset: number): Buffer {
  const length = 25;
  const message = 0x7c00 + offset + length;
  // prettier-ignore
  const code = [
    0x31, 0xc0, //                                    xor ax, ax
    0x8e, 0xd8, //                                    mov ds, ax
    0xbe, message & 0xff, message >> 8, //            mov si, message
    0xfc, //                                          cld
    0xac, //                                    next: lodsb
    0x84, 0xc0, //                                    test al, al
    0x74, 0x09, //                                    jz done
    0xb4, 0x0e, //                                    mov ah, 0eh
    0xbb, 0x07, 0x00, //                              mov bx, 7
    0xcd, 0x10, //                                    int 10h
    0xeb, 0xf2, //                                    jmp next
    0xcd, 0x18, //                              done: int 18h
    0xf4, //                                          hlt
  ];
  return Buffer.concat([Buffer.from(code), Buffer.from("This partition does not boot by itself.\r\n\0", "ascii")]);
}

function informationSector(free: FreeClusters): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write("RRaA", 0, "ascii");
  bytes.write("rrAa", 484, "ascii");
  bytes.writeUInt32LE(free.count, 488);
  bytes.writeUInt32LE(free.next, 492);
  bytes.set([0x55, 0xaa], 510);
  return bytes;
}
