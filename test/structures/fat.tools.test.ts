import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import {
  endOfChain,
  type FatBits,
  fatBitsOf,
  fatEntryAt,
  fatEntryWidth,
  firstCluster,
  leastEndOfChain,
  readFatEntry,
  writeFatEntry,
} from "../../src/structures/fat/allocation-table.ts";
import {
  fat32Parameters,
  fat32Sectors,
  fatBootSector,
  fatIdentity,
  fatIdentityAt,
  fatIdentityLength,
  fatIdentityMark,
  fatInformation,
  fatInformationMarks,
  fatLabel,
  fatTypeNames,
  fixedMedia,
  hasFatJump,
  isFatMedia,
} from "../../src/structures/fat/boot-sector.ts";
import {
  fatAttributes,
  fatEntry,
  fatEntryLength,
  fatLongNameEntry,
  lastPart,
  shortNameChecksum,
} from "../../src/structures/fat/folder-entry.ts";
import { fatTime, secondsOfFat } from "../../src/structures/fat/time.ts";
import { bootMark } from "../../src/structures/mbr/sector.ts";
import { readRecord } from "../../src/structures/record.ts";
import { tool } from "../inspect/images.ts";

const kinds: readonly FatBits[] = [12, 16, 32];
const MiB = 1024 * 1024;
const sizes: Readonly<Record<FatBits, number>> = { 12: 2 * MiB, 16: 8 * MiB, 32: 40 * MiB };

/** A filesystem that mkfs.vfat made, with a file of a long name by mcopy. */
function made(bits: FatBits, ...options: readonly string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-fat-"));
  const [path, file] = [join(folder, "fat"), join(folder, "a long name.txt")];
  try {
    tool("truncate", "-s", String(sizes[bits]), path);
    tool("mkfs.vfat", "-F", String(bits), "-s", "1", "-i", "1234ABCD", "-n", "BOOT", ...options, path);
    writeFileSync(file, Buffer.alloc(1500));
    tool("touch", "-d", "2024-02-29 12:34:56", file);
    tool("mcopy", "-m", "-i", path, file, "::");
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const bits of kinds) {
  const image = made(bits);
  const boot = readRecord(fatBootSector, image);
  const wide = readRecord(fat32Parameters, image);
  const sectorsPerTable = bits === 32 ? wide.sectorsPerTable : boot.sectorsPerTable;
  const rootAt = (boot.reservedSectors + boot.tables * sectorsPerTable) * 512;
  const dataAt = rootAt + boot.rootEntries * fatEntryLength;

  test(`FAT${bits}: the boot sector that mkfs.vfat writes`, (t) => {
    t.true(hasFatJump(image));
    t.like(boot, {
      maker: "mkfs.fat",
      sectorSize: 512,
      sectorsPerCluster: 1,
      tables: 2,
      media: fixedMedia,
      mark: bootMark,
    });
    t.is(boot.totalSectors || boot.wideTotalSectors, sizes[bits] / 512);
    t.is(fatBitsOf(Math.floor((sizes[bits] - dataAt) / 512)), bits);
    const { drive, ...identity } = readRecord(fatIdentity, image, fatIdentityAt[bits]);
    t.is(drive, 0x80);
    const typeName = `FAT${bits}   `;
    t.deepEqual(identity, { mark: fatIdentityMark, volumeId: 0x1234abcd, label: fatLabel("BOOT"), typeName });
    t.true(fatTypeNames(image).includes(typeName));
    // The jump leads behind the identity.
    t.is(image.readUInt8(1) + 2, fatIdentityAt[bits] + fatIdentityLength);
  });

  test(`FAT${bits}: the table that mcopy writes`, (t) => {
    const table = image.subarray(boot.reservedSectors * 512, (boot.reservedSectors + sectorsPerTable) * 512);
    const next = (cluster: number): number => readFatEntry(bits, table, cluster, fatEntryAt(bits, cluster));
    t.is(next(0), endOfChain(bits) - 0xff + fixedMedia);
    const { clusterLow: first } = fileOf(image, rootAt);
    t.deepEqual([next(first), next(first + 1)], [first + 1, first + 2]);
    t.true(next(first + 2) >= leastEndOfChain(bits));
    t.is(next(first + 3), 0);
  });

  test(`FAT${bits}: the entries that mcopy writes`, (t) => {
    const [label, long, ...others] = [0, 1, 2, 3].map((index) => rootAt + index * fatEntryLength);
    t.like(readRecord(fatEntry, image, label), { attributes: fatAttributes.label });
    const parts = [long, ...others.slice(0, 1)].map((at) => readRecord(fatLongNameEntry, image, at));
    const file = fileOf(image, rootAt);
    t.deepEqual(
      parts.map(({ order }) => order),
      [2 | lastPart, 1],
    );
    parts.forEach((part) =>
      t.like(part, { attributes: fatAttributes.longName, checksum: shortNameChecksum(file.name) }),
    );
    t.like(file, { attributes: fatAttributes.archive, size: 1500, clusterHigh: 0 });
    t.is(secondsOfFat({ date: file.modifiedDate, time: file.modifiedTime }), Date.UTC(2024, 1, 29, 12, 34, 56) / 1000);
  });

  test(`FAT${bits}: entries of a table are read as they were written, and leave their neighbours alone`, (t) => {
    fc.assert(
      fc.property(fc.array(fc.nat(endOfChain(bits)), { minLength: 1, maxLength: 40 }), (values) => {
        const table = Buffer.alloc(fatEntryAt(bits, values.length) + fatEntryWidth(bits));
        for (const [cluster, value] of values.entries())
          writeFatEntry(bits, table, cluster, fatEntryAt(bits, cluster), value);
        t.deepEqual(
          values.map((_, cluster) => readFatEntry(bits, table, cluster, fatEntryAt(bits, cluster))),
          values,
        );
      }),
    );
  });
}

test("FAT32: the sector FSInfo and the copies that mkfs.vfat writes", (t) => {
  const image = made(32);
  t.like(readRecord(fat32Parameters, image), { rootCluster: firstCluster, ...fat32Sectors });
  const information = readRecord(fatInformation, image, fat32Sectors.informationSector * 512);
  t.like(information, { ...fatInformationMarks, mark: bootMark });
  t.true(information.freeClusters > 65_525 && information.nextFree >= firstCluster);
  const copyAt = fat32Sectors.backupSector * 512;
  t.deepEqual(image.subarray(copyAt, copyAt + 512), image.subarray(0, 512));
});

test("the numbers of sectors before the filesystem, and before its tables, that mkfs.vfat writes", (t) => {
  const { hiddenSectors, reservedSectors } = readRecord(fatBootSector, made(32, "-h", "70000", "-R", "300"));
  t.deepEqual([hiddenSectors, reservedSectors], [70_000, 300]);
});

test("times are kept to two seconds from 1980 to 2107, in UTC", (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(1980, 0, 1) / 1000, max: Date.UTC(2107, 11, 31, 23, 59, 59) / 1000 }),
      (seconds) => t.is(secondsOfFat(fatTime(seconds)), seconds - (seconds % 2)),
    ),
  );
  t.is(secondsOfFat(fatTime(0)), Date.UTC(1980, 0, 1) / 1000);
  t.is(secondsOfFat(fatTime(2 ** 33)), Date.UTC(2107, 11, 31, 23, 59, 58) / 1000);
});

test("media bytes are F0 and F8 to FF", (t) => {
  const media = Array.from({ length: 256 }, (_, byte) => byte).filter(isFatMedia);
  t.deepEqual(media, [0xf0, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff]);
});

/** The file's own entry: behind the label and two parts of the name. */
function fileOf(image: Buffer, rootAt: number) {
  return readRecord(fatEntry, image, rootAt + 3 * fatEntryLength);
}
