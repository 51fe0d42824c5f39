import test from "ava";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { MkimageError } from "../../src/base/errors.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { readLargeTree, readTree } from "../../src/manifest/read-folder.ts";
import { type ReadRules, storeRules } from "../../src/manifest/read-rules.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { scratchFolder } from "../nix/nix.ts";
import { asIs } from "./as-is.ts";
import { bytesOfFile } from "./write-tree.ts";
import { contentExtents } from "../../src/manifest/content-extents.ts";

const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

function folder(name: string): string {
  const path = join(scratch, name);
  mkdirSync(path);
  return path;
}

function read(path: string, rules: ReadRules): DirectoryInode {
  return readTree(path, rules) as DirectoryInode;
}

test("store paths look as Nix leaves them, whatever they are on this machine", (t) => {
  const path = folder("store");
  writeFileSync(join(path, "program"), "x");
  chmodSync(join(path, "program"), 0o4710);
  writeFileSync(join(path, "data"), "data");
  chmodSync(join(path, "data"), 0o660);
  linkSync(join(path, "data"), join(path, "same"));
  symlinkSync("data", join(path, "link"));
  const root = read(path, storeRules);
  const modes = ["", "program", "data", "link"].map((name) => lookUp(root, name)?.mode);
  t.deepEqual(modes, [0o555, 0o555, 0o444, 0o777]);
  t.not(lookUp(root, "data"), lookUp(root, "same"));
  for (const inode of [root, ...root.entries.values()])
    t.like(inode, { uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 0 } });
});

test("a store path may be a file or a link", (t) => {
  const path = folder("single");
  writeFileSync(join(path, "file"), "text");
  symlinkSync("/nowhere", join(path, "link"));
  t.like(readTree(join(path, "file"), storeRules), { type: "file", size: 4 });
  t.like(readTree(join(path, "link"), storeRules), { type: "symlink", target: "/nowhere" });
});

test("names and targets are bytes, UTF-8 or not", (t) => {
  const path = folder("bytes");
  const bytes = (text: string) => Buffer.from(text, "latin1");
  mkdirSync(bytes(`${path}/\xff`));
  writeFileSync(bytes(`${path}/\xff/a\xfe\nb`), "inside");
  symlinkSync(bytes("\xfd"), bytes(`${path}/\xc3\xa4`));
  const root = read(path, asIs);
  t.deepEqual([...root.entries.keys()].toSorted(), ["\xc3\xa4", "\xff"]);
  t.like(root.entries.get("\xc3\xa4"), { target: "\xfd" });
  const file = lookUp(root, "\xff/a\xfe\nb");
  t.is(file?.type === "file" ? bytesOfFile(file).toString() : "", "inside");
});

test("a root keeps modes, owners, times to the nanosecond and hard links", (t) => {
  const path = folder("root");
  writeFileSync(join(path, "a"), "x");
  linkSync(join(path, "a"), join(path, "b"));
  execFileSync("chown", ["1234:4294967290", join(path, "a")]);
  chmodSync(join(path, "a"), 0o6751);
  execFileSync("touch", ["-d", "1969-12-31T23:59:58.987654321Z", join(path, "a")]);
  const root = read(path, asIs);
  t.like(root.entries.get("a"), {
    mode: 0o6751,
    uid: 1234,
    gid: 4294967290,
    mtime: { seconds: -2, nanoseconds: 987654321 },
  });
  t.is(root.entries.get("a"), root.entries.get("b"));
  t.like(read(path, { ...asIs, owner: "root" }).entries.get("a"), { mode: 0o6751, uid: 0, gid: 0 });
});

test("devices, pipes and sockets are what they are", async (t) => {
  const path = folder("special");
  execFileSync("mknod", [join(path, "block"), "b", "259", "70000"]);
  execFileSync("mknod", [join(path, "character"), "c", "4000", "5"]);
  execFileSync("mkfifo", [join(path, "pipe")]);
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(join(path, "socket"), resolve));
  const root = read(path, asIs);
  await new Promise((resolve) => server.close(resolve));
  t.like(root.entries.get("block"), { type: "block-device", major: 259, minor: 70000 });
  t.like(root.entries.get("character"), { type: "character-device", major: 4000, minor: 5 });
  t.is(root.entries.get("pipe")?.type, "fifo");
  t.is(root.entries.get("socket")?.type, "socket");
});

test("holes of a sparse file stay holes in a root, and are filled in a store path", (t) => {
  const path = folder("holes");
  const file = openSync(join(path, "sparse"), "w");
  writeSync(file, "begin", 0);
  writeSync(file, "middle", 2 * 1024 ** 2 + 4000);
  truncateSync(join(path, "sparse"), 5 * 1024 ** 2 + 1);
  const extents = (rules: ReadRules) => {
    const inode = read(path, rules).entries.get("sparse");
    return inode?.type === "file" ? contentExtents(inode).map(({ offset, length }) => [offset, length]) : [];
  };
  t.deepEqual(extents(asIs), [
    [0, 4096],
    [2 * 1024 ** 2, 4096],
  ]);
  t.deepEqual(extents(storeRules), [[0, 5 * 1024 ** 2 + 1]]);
});

test("a whole file is its inode's content and has no extent of its own, since a manifest may have a million", (t) => {
  const path = folder("whole");
  writeFileSync(join(path, "file"), "text");
  writeFileSync(join(path, "empty"), "");
  const [copied, stored] = [read(path, asIs), read(path, storeRules)];
  t.like(copied.entries.get("file"), { size: 4, content: { kind: "file", path: join(path, "file") } });
  t.like(stored.entries.get("file"), { size: 4, content: { kind: "file", path: join(path, "file"), fileSize: 4 } });
  t.like(copied.entries.get("empty"), { size: 0, content: [] });
});

test("a folder that is deeper than paths go is refused, saying so", async (t) => {
  const path = folder("deep");
  const dig =
    'process.chdir(process.argv[1]); for (let i = 0; i < 1500; i++) { fs.mkdirSync("dd"); process.chdir("dd"); }';
  execFileSync(process.execPath, ["-e", dig, path]);
  t.teardown(() => execFileSync("rm", ["-rf", path]));
  const refused = {
    instanceOf: MkimageError,
    message: /deep\/dd\/dd.*… cannot be read: its path has \d+ bytes, of at most 4095 \(PATH_MAX\)$/,
  };
  t.throws(() => read(path, asIs), refused);
  await t.throwsAsync(readLargeTree(path, asIs), refused);
});

test("a hole of any size takes no time, and the data around it is found to the byte", async (t) => {
  const path = folder("large-hole");
  const place = 2 ** 40 + 4097;
  const file = openSync(join(path, "sparse"), "w");
  for (const at of [0, 3 * 4096 + 1, 2 ** 35, place]) writeSync(file, "data", at);
  writeSync(file, Buffer.alloc(3 * 4096), 0, 3 * 4096, 2 ** 36);
  truncateSync(join(path, "sparse"), 3 * 2 ** 40);
  const start = performance.now();
  const root = (await readLargeTree(path, asIs)) as DirectoryInode;
  // Reading 3 TiB takes ten minutes and more.
  t.true(performance.now() - start < 60_000);
  const inode = root.entries.get("sparse");
  // Zeros that were written are no data.
  t.deepEqual(inode?.type === "file" ? contentExtents(inode).map(({ offset, length }) => [offset, length]) : [], [
    [0, 4096],
    [3 * 4096, 4096],
    [2 ** 35, 4096],
    [2 ** 40 + 4096, 4096],
  ]);
  t.deepEqual(root, read(path, asIs));
});

test("a signal ends the reading of a sparse file", async (t) => {
  const path = folder("long-sparse");
  execFileSync("sh", [
    "-c",
    'head -c 64M /dev/zero | tr "\\0" x >"$1/sparse" && truncate -s 1T "$1/sparse"',
    "sh",
    path,
  ]);
  const aborter = new AbortController();
  const reading = readLargeTree(path, asIs, aborter.signal);
  setImmediate(() => aborter.abort());
  await t.throwsAsync(reading, { instanceOf: MkimageError, code: "INTERRUPTED" });
});

test("extended attributes are kept with their bytes, whatever is in their names", (t) => {
  const path = folder("attributes ä");
  const bytes = Buffer.from(path).toString("latin1");
  writeFileSync(Buffer.from(`${bytes}/a b\\\n\xff`, "latin1"), "x");
  const script =
    'for f in "$1"/*; do setfattr -n user.one=two -v 0x00ff0a "$f"; setfattr -n user.empty "$f"; setfacl -m u:1234:r "$f"; done';
  execFileSync("sh", ["-c", script, "sh", path]);
  const root = readTree(bytes, asIs) as DirectoryInode;
  const xattrs = root.entries.get("a b\\\n\xff")?.xattrs;
  t.deepEqual([...(xattrs?.keys() ?? [])].toSorted(), ["system.posix_acl_access", "user.empty", "user.one=two"]);
  t.deepEqual([...(xattrs?.get("user.one=two") ?? [])], [0, 255, 10]);
  t.is(xattrs?.get("user.empty")?.length, 0);
  t.is(xattrs?.get("system.posix_acl_access")?.length, 4 + 5 * 8);
});

test("extended attributes are left where they are when they are not asked for", (t) => {
  const path = folder("labelled");
  execFileSync("setfattr", ["-n", "user.one", "-v", "two", path]);
  t.is(read(path, asIs).xattrs?.size, 1);
  t.is(read(path, { ...asIs, xattrs: "drop" }).xattrs, undefined);
});

test("as many extended attributes as the kernel takes, and as long", (t) => {
  // ext4 takes one block for all of a file; tmpfs takes 64 KiB for each.
  const path = mkdtempSync("/dev/shm/mkimage-test-");
  t.teardown(() => rmSync(path, { recursive: true }));
  const names = Array.from({ length: 40 }, (_, index) => `trusted.${String(index).padStart(3, "0").repeat(70)}`);
  for (const name of names) execFileSync("setfattr", ["-n", name, "-v", "x".repeat(2000), path]);
  const { xattrs } = read(path, asIs);
  t.deepEqual([...(xattrs?.keys() ?? [])].toSorted(), names);
  t.true([...(xattrs?.values() ?? [])].every((value) => value.length === 2000));
});

test("what cannot be read is named", (t) => {
  const error = t.throws(() => readTree(join(scratch, "gone"), storeRules), {
    instanceOf: MkimageError,
    message: /\/gone cannot be read: ENOENT/,
  });
  t.is(error?.code, "BAD_REQUEST");
});

test("a file's time is its own when asked for", (t) => {
  const path = folder("times");
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  t.deepEqual(read(path, asIs).mtime, { seconds: 1_700_000_000, nanoseconds: 0 });
});
