import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { readFilesystem } from "../../src/inspect/read-filesystem.ts";
import { byteString, textOf } from "../../src/base/byte-string.ts";
import type { DirectoryInode, Inode } from "../../src/manifest/inode.ts";
import { walk } from "../../src/manifest/tree.ts";
import { file, folder, folderOf, sparseFile, symlink } from "../filesystems/ext4/trees.ts";
import { temporaryFolder } from "../image/folder.ts";
import { bytesOfFile, writeTree } from "../manifest/write-tree.ts";
import { bytesOf, tool } from "./images.ts";

/** Names that shells, terminals and readers of listings trip over, and files of every shape. */
function tree(): DirectoryInode {
  const shared = file("one file, two names", { mode: 0o600, uid: 1000, gid: 100 });
  const long = Buffer.alloc(600_000, "not all blocks are the same ").toString("latin1");
  const root = folder({
    empty: file(""),
    "with space": file("a"),
    "$(touch pwned) `id` ;": file("b"),
    "-rf": file("c"),
    "quo\"te'": file("d"),
    "new\nline": file("e"),
    ünïcode: file("f"),
    long: file(long),
    holes: sparseFile(9_000_000, { 4_500_000: "in the middle", 8_999_990: "at the end" }),
    hole: sparseFile(5000, {}),
    "small hole": sparseFile(100, {}),
    first: shared,
    second: shared,
    short: symlink("target"),
    far: symlink(`/${"far/".repeat(40)}away`),
    deep: folder({ deeper: folder({ deepest: folder({ file: file("g") }) }) }),
    many: folderOf(300, (index) => [`a file with number ${index}`, file(String(index))]),
  });
  root.entries.set(Buffer.from([0x66, 0xff, 0xfe]).toString("latin1"), file("no UTF-8"));
  return root;
}

function described(root: DirectoryInode): Record<string, object> {
  const numbers = new Map<Inode, number>();
  const places = [...walk(root)].filter(({ path }) => path !== "" && path !== "lost+found");
  return Object.fromEntries(
    places.map(({ path, inode }) => {
      numbers.set(inode, numbers.get(inode) ?? numbers.size);
      const { type, mode, uid, gid, mtime } = inode;
      const content = inode.type === "file" ? bytesOfFile(inode).toString("latin1") : "";
      const target = inode.type === "symlink" ? inode.target : "";
      return [path, { type, mode, uid, gid, seconds: mtime.seconds, content, target, number: numbers.get(inode) }];
    }),
  );
}

for (const [name, options] of [
  ["ext4 as mke2fs makes it", ["-t", "ext4"]],
  ["ext4 with 1 KiB blocks and 32-bit descriptors", ["-t", "ext4", "-b", "1024", "-O", "^64bit"]],
  ["ext4 with meta groups", ["-t", "ext4", "-O", "meta_bg,^resize_inode", "-b", "1024"]],
  ["ext4 with clusters", ["-t", "ext4", "-O", "bigalloc", "-C", "16384"]],
  ["ext4 with small files in inodes", ["-t", "ext4", "-O", "inline_data", "-I", "512", "-b", "4096"]],
  ["ext3 with lists of blocks", ["-t", "ext3"]],
  ["ext2 with inodes of 128 bytes", ["-t", "ext2", "-I", "128", "-b", "1024"]],
] as const) {
  test(`${name}: every name, attribute and byte`, async (t) => {
    const place = temporaryFolder(t);
    const [source, image] = [join(place, "tree"), join(place, "image")];
    const expected = tree();
    if (name.includes("inodes"))
      for (const inode of expected.entries.values()) Object.assign(inode, { mtime: { seconds: 1, nanoseconds: 0 } });
    writeTree(expected, byteString(source));
    tool("mke2fs", "-q", "-F", ...options, "-d", source, image, "64M");
    const read = await readFilesystem(bytesOf(t, image));
    t.deepEqual(read?.faults, []);
    t.deepEqual(described(read?.root as DirectoryInode), described(expected));
    t.true((read?.freeBytes ?? 0) > 0);
  });
}

for (const [bits, size] of [
  ["12", "4M"],
  ["16", "32M"],
  ["32", "64M"],
] as const) {
  test(`FAT${bits}: every name and byte`, async (t) => {
    const place = temporaryFolder(t);
    const [source, image] = [join(place, "tree"), join(place, "image")];
    mkdirSync(join(source, "EFI/a long name of a folder"), { recursive: true });
    const files: Record<string, Buffer> = {
      "SHORT.TXT": Buffer.from("short"),
      "lower.txt": Buffer.from("lower"),
      "EFI/a long name of a folder/größer and ungewöhnlich.conf": Buffer.alloc(70_000, "fragment "),
      "EFI/empty": Buffer.alloc(0),
    };
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(source, name), bytes);
    for (let index = 0; index < 60; index += 1) writeFileSync(join(source, "EFI", `file number ${index}.efi`), "x");
    tool("truncate", "-s", size, image);
    tool("mkfs.vfat", "-F", bits, "-n", "LABEL", image);
    tool("mcopy", "-s", "-i", image, join(source, "EFI"), join(source, "SHORT.TXT"), join(source, "lower.txt"), "::");
    tool("mdel", "-i", image, "::/EFI/file number 7.efi");
    const read = await readFilesystem(bytesOf(t, image));
    const found = [...walk(read?.root as DirectoryInode)].flatMap(({ path, inode }) =>
      inode.type === "file" ? [[textOf(path), bytesOfFile(inode)] as const] : [],
    );
    t.deepEqual(read?.faults, []);
    t.is(found.length, 63);
    for (const [name, bytes] of Object.entries(files)) t.deepEqual(Object.fromEntries(found)[name], bytes, name);
  });
}

test("other contents are left alone", async (t) => {
  const image = join(temporaryFolder(t), "image");
  tool("truncate", "-s", "4M", image);
  t.is(await readFilesystem(bytesOf(t, image)), undefined);
});
