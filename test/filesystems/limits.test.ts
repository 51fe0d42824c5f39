import test from "ava";
import { byteString } from "../../src/base/byte-string.ts";
import { MkimageError } from "../../src/base/errors.ts";
import { GiB, TiB } from "../../src/base/units.ts";
import { surveyFilesystem } from "../../src/filesystems/lay-out.ts";
import { requireHeld } from "../../src/filesystems/limits.ts";
import { filesystems } from "../../src/filesystems/registry.ts";
import { identityFrom } from "../../src/base/identity.ts";
import type { DirectoryInode, Inode } from "../../src/manifest/inode.ts";

const owned = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 } };

function folder(entries: Readonly<Record<string, Inode>>): DirectoryInode {
  return { type: "directory", ...owned, entries: new Map(Object.entries(entries)) };
}

const link = (length: number): Inode => ({ type: "symlink", ...owned, target: "x".repeat(length) });
const file = (size: number): Inode => ({ type: "file", ...owned, size, content: [] });
const attributed = (name: string, length: number): Inode => {
  return { ...file(0), xattrs: new Map([[byteString(name), new Uint8Array(length)]]) } as Inode;
};

/** The faults of a survey, without what all begin with. */
function faultsOf(format: string, files: DirectoryInode): string[] {
  const context = { identity: identityFrom("x"), time: 0, sectorSize: 512 as const, versions: new Map() };
  try {
    surveyFilesystem({ path: "disk.main.content", format, label: null, uuid: null }, files, context);
    return [];
  } catch (error) {
    if (!(error instanceof MkimageError)) throw error;
    return [error.message.replace(`a filesystem of type ${format} cannot hold `, ""), ...error.details];
  }
}

test("xfs: a symlink has up to 1023 bytes", (t) => {
  t.deepEqual(faultsOf("xfs", folder({ a: link(1023) })), []);
  t.deepEqual(faultsOf("xfs", folder({ a: link(1024) })), [`"/a": its target has 1024 bytes, and 1023 are the most`]);
  t.deepEqual(faultsOf("btrfs", folder({ a: link(4095) })), []);
});

test("btrfs: an extended attribute fits into a node with its name", (t) => {
  t.deepEqual(faultsOf("btrfs", folder({ a: attributed("user.a", 16_222) })), []);
  t.deepEqual(faultsOf("btrfs", folder({ a: attributed("user.a", 16_223) })), [
    `"/a": its extended attribute user.a takes 16229 bytes, and 16228 are the most`,
  ]);
  t.deepEqual(faultsOf("xfs", folder({ a: attributed("user.a", 65_536) })), []);
});

test("f2fs: a file has less than 4 TiB, holes counted", (t) => {
  t.deepEqual(faultsOf("f2fs", folder({ a: file(3 * TiB) })), []);
  t.deepEqual(faultsOf("f2fs", folder({ a: file(4 * TiB) })), [`"/a": it has 4 TiB, and 3.9 TiB are the most`]);
});

test("all that a filesystem cannot hold is said at once, a file of several names by its first", (t) => {
  const shared = link(2000);
  const files = folder({ "a\n": shared, b: shared, c: folder({ d: link(3000) }) });
  t.deepEqual(faultsOf("xfs", files), [
    `"/a\\n": its target has 2000 bytes, and 1023 are the most`,
    `"/c/d": its target has 3000 bytes, and 1023 are the most`,
  ]);
});

test("a filesystem without owners, symlinks, devices and attributes holds files and folders of root's", (t) => {
  const { limits } = filesystems.exfat;
  t.notThrows(() => requireHeld("exfat", limits, folder({ a: file(5 * GiB), b: folder({}) })));
  const files = folder({
    a: link(1),
    b: { type: "fifo", ...owned },
    c: { ...file(1), uid: 1000, gid: 100 } as Inode,
    d: attributed("user.x", 1),
  });
  const error = t.throws(() => requireHeld("exfat", limits, files), { instanceOf: MkimageError });
  t.is(error.message, `a filesystem of type exfat cannot hold "/a": it is a symlink`);
  t.deepEqual(error.details, [
    `"/b": it is a fifo`,
    `"/c": it belongs to 1000:100, and all files are root's there`,
    `"/d": its extended attribute user.x takes 7 bytes, and none can be kept`,
  ]);
});
