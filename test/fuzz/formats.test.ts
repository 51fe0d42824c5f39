import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import test from "ava";
import { temporaryFolder } from "../image/folder.ts";
import { overwrite, tool } from "../inspect/images.ts";
import { survive } from "./hostile-image.ts";

// Image files that unpack without end, or to bytes of the machine that reads them; tables without end.

test("a qcow2 whose clusters are all the same one: half a megabyte that unpacks to four gigabytes", (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, "bomb.qcow2");
  const [cluster, count] = [65_536, 62_000];
  const tables = Math.ceil(count / 8192);
  const bytes = Buffer.alloc((5 + tables) * cluster);
  bytes.write("QFI\xfb", "latin1");
  [3, 0, 0, 0, 16].forEach((value, index) => bytes.writeUInt32BE(value, 4 + 4 * index));
  bytes.writeBigUInt64BE(BigInt(count * cluster), 24);
  bytes.writeUInt32BE(tables, 36);
  bytes.writeBigUInt64BE(BigInt(3 * cluster), 40);
  bytes.writeBigUInt64BE(BigInt(cluster), 48);
  bytes.writeUInt32BE(1, 56);
  bytes.writeUInt32BE(4, 96);
  bytes.writeUInt32BE(104, 100);
  bytes.writeBigUInt64BE(BigInt(2 * cluster), cluster);
  const data = 4 + tables;
  for (let index = 0; index < data; index += 1) bytes.writeUInt16BE(1, 2 * cluster + 2 * index);
  bytes.writeUInt16BE(count, 2 * cluster + 2 * data);
  for (let index = 0; index < tables; index += 1)
    bytes.writeBigUInt64BE(BigInt((4 + index) * cluster) | (1n << 63n), 3 * cluster + 8 * index);
  for (let index = 0; index < count; index += 1)
    bytes.writeBigUInt64BE(BigInt(data * cluster), 4 * cluster + 8 * index);
  bytes.fill("BOMB", data * cluster);
  writeFileSync(image, bytes);
  t.notThrows(() => tool("qemu-img", "check", image));
  const { code, stderr } = survive(t, folder, "inspect", image);
  t.is(code, 13);
  t.regex(stderr, /unpacks to more than that can stand for/);
});

test("a qcow2 that claims a disk of exabytes", (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, "large.qcow2");
  tool("qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=2M", image, "512T");
  t.regex(survive(t, folder, "verify", image).stdout, /claims to be a disk of 512 TiB/);
});

for (const [name, text] of [
  ["a file of this machine", 'RW 100 FLAT "/etc/passwd" 0'],
  ["a device", 'RW 100 FLAT "/dev/zero" 0'],
] as const) {
  test(`a VMDK descriptor that names ${name}`, (t) => {
    const folder = temporaryFolder(t);
    const image = join(folder, "disk.vmdk");
    const lines = [
      "# Disk DescriptorFile",
      "version=1",
      "CID=1",
      "parentCID=ffffffff",
      'createType="monolithicFlat"',
      text,
    ];
    for (const start of [0, 1]) {
      writeFileSync(image, `${lines.slice(start).join("\n")}\n`);
      for (const more of [[], ["--format", "vmdk"]])
        t.regex(survive(t, folder, "inspect", ...more, image).stderr, /takes bytes from other files/);
    }
  });
}

test("a qcow2 whose backing file is behind a network address is not even asked for it", (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, "disk.qcow2");
  tool("qemu-img", "create", "-q", "-f", "qcow2", image, "1M");
  const name = "nbd://192.0.2.1/disk";
  const header = Buffer.alloc(12);
  header.writeBigUInt64BE(1024n, 0);
  header.writeUInt32BE(name.length, 8);
  overwrite(image, 8, header);
  overwrite(image, 1024, Buffer.from(name));
  t.regex(survive(t, folder, "inspect", image).stderr, /takes bytes from other files: nbd:/);
});

test("a VHD that is a difference to a parent", (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, "disk.vhd");
  tool("qemu-img", "create", "-q", "-f", "vpc", image, "1M");
  overwrite(image, 60, Buffer.from([0, 0, 0, 4]));
  t.regex(survive(t, folder, "inspect", image).stderr, /takes bytes from other files: a parent/);
});

test("a GPT of eight thousand partitions that all are the same filesystem", (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, "disk.img");
  tool("truncate", "-s", "16M", image);
  tool("mkfs.vfat", "--offset=4096", image, "4096");
  const entries = Buffer.alloc(8192 * 128);
  for (let index = 0; index < 8192; index += 1) {
    entries.write(`type of ${String(index).padStart(7)}`, 128 * index);
    entries.writeUInt32LE(index + 1, 128 * index + 16);
    entries.writeUInt32LE(4096, 128 * index + 32);
    entries.writeUInt32LE(12_000, 128 * index + 40);
  }
  overwrite(image, 1024, entries);
  overwrite(image, 512, gptHeader(entries, 8192, 128));
  const { stdout } = survive(t, folder, "inspect", "--json", image);
  t.regex(stdout, /only the first 48 partitions were looked into/);
  t.regex(stdout, /it overlaps partition 1/);
});

test("a GPT whose entries have two gigabytes each", (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, "disk.img");
  tool("truncate", "-s", "4M", image);
  overwrite(image, 512, gptHeader(Buffer.alloc(0), 128, 2 ** 31));
  truncateSync(image, 2 ** 40);
  for (const verb of ["inspect", "verify"]) t.regex(survive(t, folder, verb, image).stdout, /claims 128 . 2147483648/);
});

function gptHeader(entries: Buffer, count: number, size: number): Buffer {
  const header = Buffer.alloc(512);
  header.write("EFI PART");
  header.writeUInt32LE(0x10000, 8);
  header.writeUInt32LE(92, 12);
  header.writeUInt32LE(1, 24);
  header.writeUInt32LE(32_767, 32);
  header.writeUInt32LE(2050, 40);
  header.writeUInt32LE(30_000, 48);
  header.writeUInt32LE(2, 72);
  header.writeUInt32LE(count, 80);
  header.writeUInt32LE(size, 84);
  header.writeUInt32LE(crc32(entries), 88);
  header.writeUInt32LE(crc32(header.subarray(0, 92)), 16);
  return header;
}
