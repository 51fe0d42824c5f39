import type { Sectors } from "../../base/units.ts";
import { firstCluster } from "../../structures/fat/allocation-table.ts";
import {
  fat32Parameters,
  fat32Sectors,
  fatBootLength,
  fatBootSector,
  fatIdentity,
  fatIdentityAt,
  fatIdentityLength,
  fatIdentityMark,
  fatInformation,
  fatInformationMarks,
  fatJump,
  fatLabel,
  fixedMedia,
} from "../../structures/fat/boot-sector.ts";
import { fatEntryLength } from "../../structures/fat/folder-entry.ts";
import { bootMark } from "../../structures/mbr/sector.ts";
import { type RecordValues, writeRecord } from "../../structures/record.ts";
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

/**
 * The reserved sectors from the first on: the boot sector, and for FAT32 FSInfo and the copies of both.
 *
 * Source: Microsoft FAT specification, "Boot sector and BPB", "FSInfo sector".
 */
export function reservedBytes(geometry: FatGeometry, identity: VolumeIdentity, free: FreeClusters): Uint8Array {
  const boot = bootSector(geometry, identity);
  if (geometry.bits !== 32) return boot;
  const { sectorSize } = geometry;
  const { informationSector: informationAt, backupSector } = fat32Sectors;
  const bytes = Buffer.alloc((backupSector + informationAt + 1) * sectorSize);
  for (const sector of [0, backupSector]) {
    bytes.set(boot, sector * sectorSize);
    bytes.set(informationSector(free), (sector + informationAt) * sectorSize);
  }
  return bytes;
}

function bootSector(geometry: FatGeometry, identity: VolumeIdentity): Buffer {
  const bytes = Buffer.alloc(geometry.sectorSize);
  const identityAt = fatIdentityAt[geometry.bits];
  const code = identityAt + fatIdentityLength;
  writeRecord(fatBootSector, bytes, parameters(geometry, identity.hiddenSectors));
  writeRecord(fatBootSector, bytes, { jump: fatJump(code), mark: bootMark });
  if (geometry.bits === 32) writeRecord(fat32Parameters, bytes, wideParameters(geometry));
  const identityValues = {
    drive: 0x80, // the BIOS's number of the first hard disk
    mark: fatIdentityMark,
    volumeId: identity.volumeId,
    label: fatLabel(identity.label),
    typeName: `FAT${geometry.bits}`.padEnd(fatIdentity.typeName.length),
  };
  writeRecord(fatIdentity, bytes, identityValues, identityAt);
  bytes.set(bootCode(code), code);
  return bytes;
}

function parameters(geometry: FatGeometry, hiddenSectors: Sectors): Partial<RecordValues<typeof fatBootSector>> {
  const { bits, sectorSize, totalSectors } = geometry;
  const isShort = bits !== 32 && totalSectors < 0x1_0000;
  return {
    maker: "MSWIN4.1", // the maker that every driver knows
    sectorSize,
    sectorsPerCluster: geometry.sectorsPerCluster,
    reservedSectors: geometry.reservedSectors,
    tables: 2,
    rootEntries: (geometry.rootSectors * sectorSize) / fatEntryLength,
    totalSectors: isShort ? totalSectors : 0,
    media: fixedMedia,
    sectorsPerTable: bits === 32 ? 0 : geometry.sectorsPerFat,
    sectorsPerTrack: 63,
    heads: 255,
    hiddenSectors,
    wideTotalSectors: isShort ? 0 : totalSectors,
  };
}

function wideParameters({ sectorsPerFat }: FatGeometry): RecordValues<typeof fat32Parameters> {
  return { sectorsPerTable: sectorsPerFat, rootCluster: firstCluster, ...fat32Sectors };
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
  const bytes = Buffer.alloc(fatBootLength);
  const values = { ...fatInformationMarks, freeClusters: free.count, nextFree: free.next, mark: bootMark };
  writeRecord(fatInformation, bytes, values);
  return bytes;
}
