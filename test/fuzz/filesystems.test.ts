import { mkdirSync, openSync, closeSync, ftruncateSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { readFilesystem } from "../../src/inspect/read-filesystem.ts";
import { temporaryFolder } from "../image/folder.ts";
import { bytesOf, overwrite, tool } from "../inspect/images.ts";
import { extImage, survive } from "./hostile-image.ts";

// Filesystems that tell much by few bytes: maps and folders that share what they lead to, chains, claims.

const MiB = 1024 * 1024;

test("ext4: an extent tree whose nodes share one leaf", (t) => {
  const folder = temporaryFolder(t);
  const image = extImage(folder, treeWith(folder, { f: "x".repeat(2_000_000) }), "16M", "-O", "^metadata_csum");
  const blocks = debugfs(image, "blocks /f").trim().split(/\s+/).slice(0, 4).map(Number);
  const leaf = extentNode(340, 0, (index) => [(1000 - index) * 2, 1, 100 + index * 2]);
  const node = (depth: number) => extentNode(340, depth, (index) => [index, blocks[depth - 1] ?? 0, 0]);
  [leaf, node(1), node(2), node(3)].forEach((bytes, depth) => overwrite(image, (blocks[depth] ?? 0) * 4096, bytes));
  const root = extentNode(4, 4, (index) => [index, blocks[3] ?? 0, 0]);
  overwrite(image, inodeAt(image, "/f") + 0x28, root.subarray(0, 60));
  t.regex(survive(t, folder, "inspect", image).stdout, /fault: \/f: the extents of a file are out of order/);
});

/** Extents of a leaf are first block, length and place; other entries are first block and child. */
function extentNode(
  count: number,
  depth: number,
  entryAt: (index: number) => readonly [number, number, number],
): Buffer {
  const bytes = Buffer.alloc(4096);
  [0xf30a, count, count, depth].forEach((value, index) => bytes.writeUInt16LE(value, 2 * index));
  for (let index = 0; index < count; index += 1) {
    const [first, second, third] = entryAt(index);
    bytes.writeUInt32LE(first, 12 * (index + 1));
    if (depth === 0) bytes.writeUInt16LE(second, 12 * (index + 1) + 4);
    bytes.writeUInt32LE(depth === 0 ? third : second, 12 * (index + 1) + (depth === 0 ? 8 : 4));
  }
  return bytes;
}

test("ext4: folders that all have the same blocks", async (t) => {
  const folder = temporaryFolder(t);
  const names = Object.fromEntries(
    Array.from({ length: 12_000 }, (_, index) => [`first/${index}-${"x".repeat(200)}`, ""]),
  );
  const tree = treeWith(folder, names);
  for (let index = 0; index < 20; index += 1) mkdirSync(join(tree, `d${index}`));
  const image = extImage(folder, tree, "24M", "-O", "^metadata_csum", "-N", "16384");
  const first = inodeAt(image, "/first");
  const map = readFileSync(image).subarray(first, first + 100);
  for (let index = 0; index < 20; index += 1) {
    const at = inodeAt(image, `/d${index}`);
    overwrite(image, at + 4, map.subarray(4, 8));
    overwrite(image, at + 0x28, map.subarray(0x28, 0x64));
  }
  const read = await readFilesystem(bytesOf(t, image));
  t.regex(read?.faults.at(-1) ?? "", /its tree: it has more than \d+ (names|blocks of folders)/);
});

test("ext4: a superblock that claims millions of groups, in a file of nothing but holes", (t) => {
  const folder = temporaryFolder(t);
  const image = extImage(folder, treeWith(folder, { f: "x" }), "16M", "-O", "^metadata_csum,64bit");
  const claim = Buffer.alloc(4);
  claim.writeUInt32LE(0xffff_ffff);
  overwrite(image, 1024 + 4, claim);
  claim.writeUInt32LE(256);
  overwrite(image, 1024 + 0x20, claim);
  truncateSync(image, 2 ** 43);
  t.regex(survive(t, folder, "inspect", image).stdout, /superblock makes no sense/);
  t.regex(survive(t, folder, "verify", image).stdout, /superblock makes no sense/);
});

test("diff: files of terabytes that are holes, in disks of terabytes that are", (t) => {
  const folder = temporaryFolder(t);
  const tree = treeWith(folder, { small: "one" });
  const sparse = openSync(join(tree, "sparse"), "w");
  ftruncateSync(sparse, 2 ** 42);
  closeSync(sparse);
  const one = extImage(folder, tree, "16M");
  const other = join(folder, "other.img");
  tool("cp", "--sparse=always", one, other);
  overwrite(other, 15 * MiB, Buffer.from("changed"));
  for (const image of [one, other]) truncateSync(image, 2 ** 42);
  t.is(survive(t, folder, "diff", one, other).code, 16);
});

test("FAT: thousands of names whose one chain is in thousands of pieces", (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, "fat.img");
  writeFileSync(image, fragments());
  t.regex(survive(t, folder, "inspect", image).stdout, /cluster 6000, which belongs to a chain already/);
});

/** FAT16 in clusters of 512 bytes: a folder of 60,000 entries, all of the same 6000 clusters, each apart from the next. */
function fragments(): Buffer {
  const [folderLength, tableSectors] = [3750, 130];
  const table = Buffer.alloc(tableSectors * 512);
  const link = (cluster: number, next: number): number => table.writeUInt16LE(next, cluster * 2);
  for (let index = 0; index < folderLength; index += 1) link(2 + index, 3 + index);
  link(2 + folderLength - 1, 0xffff);
  for (let index = 0; index < 6000; index += 1) link(6000 + 2 * index, index === 5999 ? 0xffff : 6002 + 2 * index);
  const entries = Array.from({ length: 60_000 }, (_, index) =>
    entry(`F${String(index).padStart(7, "0")}`, 0x20, 6000, 6000 * 512),
  );
  return fat16(table, entry("D", 0x10, 2, 0), Buffer.concat(entries));
}

function entry(name: string, attributes: number, cluster: number, size: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.write(name.padEnd(11), "latin1");
  bytes[11] = attributes;
  bytes.writeUInt16LE(cluster, 26);
  bytes.writeUInt32LE(size, 28);
  return bytes;
}

function fat16(table: Buffer, root: Buffer, clusters: Buffer): Buffer {
  const sectors = 1 + (2 * table.length) / 512 + 33_000;
  const boot = Buffer.alloc(512);
  boot.write("\xeb\x3c\x90MSDOS5.0", "latin1");
  boot.writeUInt16LE(512, 11);
  boot[13] = 1;
  boot.writeUInt16LE(1, 14);
  boot[16] = 2;
  boot.writeUInt16LE(512, 17);
  boot.writeUInt16LE(sectors, 19);
  boot[21] = 0xf8;
  boot.writeUInt16LE(table.length / 512, 22);
  boot.write("NO NAME    FAT16   ", 43);
  boot.writeUInt16LE(0xaa55, 510);
  table.writeUInt16LE(0xfff8, 0);
  const image = Buffer.alloc(sectors * 512);
  Buffer.concat([boot, table, table, root]).copy(image);
  clusters.copy(image, 512 + 2 * table.length + 512 * 32);
  return image;
}

test("FAT: folders inside of each other, as many as there are clusters", (t) => {
  const folder = temporaryFolder(t);
  const [count, table] = [30_000, Buffer.alloc(130 * 512)];
  for (let index = 0; index < count; index += 1) table.writeUInt16LE(0xffff, 2 * (2 + index));
  const clusters = Buffer.alloc(count * 512);
  for (let index = 0; index < count - 1; index += 1) entry("FOLDER", 0x10, 3 + index, 0).copy(clusters, index * 512);
  const image = join(folder, "fat.img");
  writeFileSync(image, fat16(table, entry("FOLDER", 0x10, 2, 0), clusters));
  t.regex(survive(t, folder, "inspect", image).stdout, /more than \d+ folders deep/);
});

test("names that would move a terminal, in text, JSON, the page and errors", (t) => {
  const folder = temporaryFolder(t);
  const names = ["\u009b31m", "\u202eevil", "a\u001b]0;x\u0007", "\u2066\u2069\ufeff"];
  const tree = treeWith(folder, Object.fromEntries(names.map((name) => [`nix/store/${name}`, "x"])));
  mkdirSync(join(tree, "nix/var/nix"), { recursive: true });
  const menu = names.map((name) => `menuentry "${name}" {\n linux /${name}\n}`).join("\n");
  mkdirSync(join(tree, "grub"));
  writeFileSync(join(tree, "grub/grub.cfg"), menu);
  const image = extImage(folder, tree, "16M", "-L", "a\u001b\u009bb");
  const page = join(folder, "page.html");
  for (const more of [[], ["--json"], ["--html", page]]) survive(t, folder, "inspect", ...more, image);
  survive(t, folder, "verify", "--json", image);
  t.false(/[\u0080-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/.test(readFileSync(page, "utf8")));
});

function treeWith(folder: string, files: Readonly<Record<string, string>>): string {
  const tree = join(folder, "tree");
  mkdirSync(tree, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(tree, path, ".."), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  return tree;
}

function debugfs(image: string, request: string): string {
  return tool("debugfs", "-R", request, image);
}

/** Where an inode stands in an image in blocks of 4096 bytes. */
function inodeAt(image: string, path: string): number {
  const [, block = "", offset = ""] = /block (\d+), offset (0x[\da-f]+)/.exec(debugfs(image, `imap ${path}`)) ?? [];
  return Number(block) * 4096 + Number(offset);
}
