import test from "ava";
import {
  attributeBits,
  attributesOf,
  gptAttributes,
  gptEntry,
  isGptEntryUsed,
} from "../../src/structures/gpt/entry.ts";
import {
  gptEntriesChecksum,
  gptHeader,
  gptHeaderChecksum,
  gptHeaderLength,
  gptRevision,
  gptSignature,
} from "../../src/structures/gpt/header.ts";
import { gptTypes } from "../../src/structures/gpt/partition-types.ts";
import { mbrTypes } from "../../src/structures/mbr/partition-types.ts";
import { hasBootMark, readMbrEntries } from "../../src/structures/mbr/sector.ts";
import { readRecord } from "../../src/structures/record.ts";
import { diskBySgdisk } from "../machine/gpt-image.ts";

const MiB = 1024 * 1024;
const guids = { disk: "01234567-89AB-4DEF-8123-456789ABCDEF", partition: "F0123456-789A-4CDE-8F01-23456789ABCD" };
const disk = diskBySgdisk(
  8 * MiB,
  `--disk-guid=${guids.disk}`,
  "--new=3:4096:8191",
  "--typecode=3:EF00",
  `--partition-guid=3:${guids.partition}`,
  "--change-name=3:EFI äöü",
  "--attributes=3:set:2",
  "--attributes=3:set:63",
);
const lastSector = BigInt(disk.length / 512 - 1);

test("the headers that sgdisk writes", (t) => {
  const shared = {
    signature: gptSignature,
    revision: gptRevision,
    headerLength: gptHeaderLength,
    firstUsable: 34n,
    lastUsable: lastSector - 33n,
    diskGuid: guids.disk,
    entryCount: 128,
    entryLength: 128,
  };
  const places = [
    { own: 1n, alternate: lastSector, entriesAt: 2n },
    { own: lastSector, alternate: 1n, entriesAt: lastSector - 32n },
  ];
  for (const place of places) {
    const sector = disk.subarray(Number(place.own) * 512, Number(place.own + 1n) * 512);
    const { headerChecksum, entriesChecksum, ...values } = readRecord(gptHeader, sector);
    t.deepEqual(values, { ...shared, ...place });
    t.is(gptHeaderChecksum(sector), headerChecksum);
    const at = Number(place.entriesAt) * 512;
    t.is(gptEntriesChecksum(disk.subarray(at, at + 128 * 128)), entriesChecksum);
  }
});

test("an entry that sgdisk writes", (t) => {
  const start = 2 * 512 + 2 * 128;
  t.deepEqual(readRecord(gptEntry, disk, start), {
    type: gptTypes.efiSystem,
    guid: guids.partition,
    first: 4096n,
    last: 8191n,
    attributes: attributesOf([2, 63]),
    name: "EFI äöü",
  });
  t.deepEqual(
    [start - 128, start, start + 128].map((at) => isGptEntryUsed(disk, at)),
    [false, true, false],
  );
});

test("the protective MBR that sgdisk writes", (t) => {
  const [protective, ...others] = readMbrEntries(disk);
  t.true(hasBootMark(disk));
  t.deepEqual([protective?.type, protective?.first, protective?.count], [mbrTypes.protective, 1, Number(lastSector)]);
  t.true(others.every(({ type, first, count }) => type === 0 && first === 0 && count === 0));
});

test("attributes are bits", (t) => {
  t.is(attributesOf([gptAttributes.required, gptAttributes.legacyBoot, 63]), 0x8000_0000_0000_0005n);
  t.deepEqual(attributeBits(0x8000_0000_0000_0005n), [0, 2, 63]);
  t.deepEqual(attributeBits(0n), []);
});

test("a header's checksum covers what it says is the header, and not the checksum", (t) => {
  const sector = Buffer.from(disk.subarray(512, 1024));
  const sum = gptHeaderChecksum(sector);
  gptHeader.headerChecksum.write(sector, 1);
  sector[gptHeaderLength] = 1;
  t.is(gptHeaderChecksum(sector), sum);
  gptHeader.headerLength.write(sector, gptHeaderLength + 1);
  t.not(gptHeaderChecksum(sector), sum);
});

test("every type is one GUID", (t) => {
  const all = Object.values(gptTypes);
  t.is(new Set(all).size, all.length);
  all.forEach((guid) => t.regex(guid, /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/));
});
