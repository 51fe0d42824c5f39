import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import * as fc from "fast-check";
import { smallestFatSize } from "../../../src/filesystems/vfat/needs.ts";
import { type FatOptions, planFat } from "../../../src/filesystems/vfat/plan.ts";
import { caseKey, longName } from "../../../src/filesystems/vfat/long-name.ts";
import { writeRaw } from "../../../src/image/raw.ts";
import { KiB, MiB } from "../../../src/base/units.ts";
import { byteString } from "../../../src/base/byte-string.ts";
import type { DirectoryInode, Inode } from "../../../src/manifest/inode.ts";
import { temporaryFolder } from "../../image/folder.ts";
import { sampleBytes } from "../../image/sample.ts";
import { differences, directory, expected, extract, file, fsck, mtools } from "./tools.ts";
import { isLong } from "../../together/is-long.ts";

const options: FatOptions = { label: "ESP", volumeId: 0x1234abcd, time: 1, sectorSize: 512, variant: "auto" };

const esp = directory({
  EFI: directory({
    BOOT: directory({ "BOOTX64.EFI": file(sampleBytes(100_000, 1)) }),
    systemd: directory({ "systemd-bootx64.efi": file(sampleBytes(100_000, 1)) }),
    nixos: directory(),
  }),
  loader: directory({
    "loader.conf": file("timeout 5\n"),
    entries: directory({ "nixos-generation-1.conf": file("title NixOS\n"), "nixos-generation-2.conf": file("") }),
  }),
});

async function write(path: string, root: DirectoryInode, size: number, changes: Partial<FatOptions> = {}) {
  const plan = planFat(root, size, { ...options, ...changes });
  await writeRaw({ size, extents: plan.extents() }, path);
  return plan;
}

for (const [size, sectorSize, kind, clusterSize] of [
  [1 * MiB, 512, "FAT12", 512],
  [8 * MiB, 512, "FAT16", 512],
  [32 * MiB, 512, "FAT16", 512],
  [34 * MiB, 512, "FAT32", 512],
  [92 * MiB, 512, "FAT32", 1024],
  [248 * MiB, 512, "FAT32", 2048],
  [256 * MiB, 512, "FAT32", 2048],
  [512 * MiB, 512, "FAT32", 4096],
  [9000 * MiB, 512, "FAT32", 8192],
  [8 * MiB, 4096, "FAT12", 4096],
  [248 * MiB, 4096, "FAT16", 4096],
  [258 * MiB, 4096, "FAT32", 4096],
] as const) {
  test(`${size / MiB} MiB with sectors of ${sectorSize} bytes is ${kind}, clean, and holds its files`, async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, "esp.img");
    const plan = await write(path, esp, size, { sectorSize });
    t.like(plan, { size, kind, clusterSize });
    const report = fsck(path);
    const [, used, all] = (/(\d+)\/(\d+) clusters/.exec(report) ?? []).map(Number);
    t.is(plan.freeBytes, (Number(all) - Number(used)) * clusterSize);
    t.deepEqual(differences(extract(path, join(folder, "files")), expected(esp)), []);
  });
}

test("label, volume id, hidden sectors and kind are where other tools look", async (t) => {
  const path = join(temporaryFolder(t), "esp.img");
  await write(path, esp, 64 * MiB, { hiddenSectors: 2048 });
  const report = mtools("minfo", ["-i", path, "::"]);
  for (const line of [
    "serial number: 1234ABCD",
    'disk label="ESP        "',
    'disk type="FAT32   "',
    "hidden sectors: 2048",
    "media byte: f8",
  ]) {
    t.true(report.includes(line), line);
  }
  t.regex(mtools("mlabel", ["-s", "-i", path, "::"]), /Volume label is ESP/);
});

test("an empty filesystem without label is clean", async (t) => {
  const folder = temporaryFolder(t);
  for (const size of [1 * MiB, 16 * MiB, 64 * MiB]) {
    await write(join(folder, "esp.img"), directory(), size, { label: "" });
    t.regex(fsck(join(folder, "esp.img")), /0 files/);
  }
});

test("times are UTC, in steps of two seconds, and from 1980 to 2107", async (t) => {
  const path = join(temporaryFolder(t), "esp.img");
  const root = directory({
    OLD: file("", 1),
    NEW: file("", Date.UTC(2026, 10, 21, 13, 37, 59) / 1000),
    FAR: file("", Date.UTC(2200, 0, 1) / 1000),
  });
  await write(path, root, 1 * MiB);
  const listing = mtools("mdir", ["-i", path, "::"]);
  t.regex(listing, /OLD +0 1980-01-01 +0:00/);
  t.regex(listing, /NEW +0 2026-11-21 +13:37/);
  t.regex(listing, /FAR +0 2107-12-31 +23:59/);
});

test("similar long names get numeric tails, in order, and never a name that another file has", async (t) => {
  const path = join(temporaryFolder(t), "esp.img");
  const names = ["nixos-a.conf", "nixos-b.conf", "nixos-~2.con", "Long Name.txt", "longna~1.txt", "two.dots.txt"];
  await write(path, directory(Object.fromEntries(names.map((name) => [name, file(name)]))), 1 * MiB);
  const listing = mtools("mdir", ["-i", path, "::"]);
  t.regex(listing, /^NIXOS-~1 CON .* nixos-a\.conf/m);
  t.regex(listing, /^NIXOS-~3 CON .* nixos-b\.conf/m);
  t.regex(listing, /^NIXOS-~2 CON .* nixos-~2\.con/m);
  t.regex(listing, /^LONGNA~2 TXT .* Long Name\.txt/m);
  t.regex(listing, /^TWODOT~1 TXT .* two\.dots\.txt/m);
  fsck(path);
});

test("a folder of 20,000 long names is laid out at once", async (t) => {
  const folder = temporaryFolder(t);
  const names = Array.from({ length: 20_000 }, (_, index) => `file ${String(index).padStart(5, "0")}`);
  const root = directory({ many: directory(Object.fromEntries(names.map((name) => [name, file("")]))) });
  await write(join(folder, "esp.img"), root, 40 * MiB);
  t.regex(fsck(join(folder, "esp.img")), /20002 files/);
  t.is(
    mtools("mdir", ["-b", "-i", join(folder, "esp.img"), "::/many"])
      .trim()
      .split("\n").length,
    20_000,
  );
});

test("holes of files stay holes, and read as zeros", async (t) => {
  const folder = temporaryFolder(t);
  const tail = { offset: 5 * MiB, length: 3, source: { kind: "bytes" as const, bytes: Buffer.from("end") } };
  const root = directory({ SPARSE: { ...file(""), size: 5 * MiB + 10, content: [tail] } });
  await write(join(folder, "esp.img"), root, 34 * MiB);
  fsck(join(folder, "esp.img"));
  t.deepEqual(differences(extract(join(folder, "esp.img"), join(folder, "files")), expected(root)), []);
});

test("any tree that FAT can hold comes back as it was, in a filesystem of the smallest size", async (t) => {
  const folder = temporaryFolder(t);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      trees,
      fc.constantFrom(512 as const, 4096 as const),
      fc.constantFrom("auto" as const, 12 as const, 16 as const),
      async (root, sectorSize, variant) => {
        const needs = { ...options, sectorSize, variant };
        const size = smallestFatSize(root, 0, needs);
        const image = join(folder, "fat.img");
        await write(image, root, size, needs);
        fsck(image);
        run += 1;
        t.deepEqual(differences(extract(image, join(folder, `files ${run}`)), expected(root)), []);
      },
    ),
    { numRuns: isLong ? 300 : 20 },
  );
});

test("the same manifest in another order gives the same bytes", async (t) => {
  const folder = temporaryFolder(t);
  const names = ["b.conf", "a long name", "another long name", "C", "ä"];
  for (const [image, list] of [
    ["1", names],
    ["2", names.toReversed()],
  ] as const) {
    await write(join(folder, image), directory(Object.fromEntries(list.map((name) => [name, file(name)]))), 1 * MiB);
  }
  t.true(readFileSync(join(folder, "1")).equals(readFileSync(join(folder, "2"))));
});

test("characters beyond 16 bits are surrogate pairs", (t) => {
  const plan = planFat(directory({ "😀": file("") }), 1 * MiB, options);
  const bytes = Buffer.concat(
    [...plan.extents()].map(({ source }) => (source.kind === "bytes" ? source.bytes : Buffer.alloc(0))),
  );
  t.true(bytes.includes(Buffer.from([0x3d, 0xd8, 0x00, 0xde, 0, 0, 0xff, 0xff])));
});

const characters = "a B z 0 9 . - _ + , ; = [ ] ~ ' ` ! # $ % & ( ) @ ^ { } é ß Ж 日".split(" ").concat(" ");

const names = fc
  .array(fc.constantFrom(...characters), { minLength: 1, maxLength: 40 })
  .map((list) => list.join(""))
  .filter((name) => "text" in longName(byteString(name)) && name.trimStart() === name);

const { tree: trees } = fc.letrec<{ tree: DirectoryInode; node: Inode }>((tie) => ({
  tree: fc
    .uniqueArray(fc.tuple(names, tie("node")), { maxLength: 8, selector: ([name]) => caseKey(name) })
    .map((list) => directory(Object.fromEntries(list))),
  node: fc.oneof(
    { maxDepth: 3 },
    fc.nat({ max: 20 * KiB }).map((length) => file(sampleBytes(length, length % 251))),
    tie("tree"),
  ),
}));

test("folders in each other, as deep as may be, are planned", (t) => {
  let root = directory({ deepest: file("here") });
  for (let level = 0; level < 20_000; level += 1) root = directory({ d: root });
  const plan = planFat(root, smallestFatSize(root, MiB, options), options);
  t.true([...plan.extents()].length > 20_000);
});
