import test from "ava";
import fc from "fast-check";
import type { DirectoryInode, FileInode } from "../../src/manifest/inode.ts";
import { additionsTo, isSameTree } from "../../src/manifest/same-tree.ts";
import { copyFolder, emptyDirectory, insert, makeDirectory } from "../../src/manifest/tree.ts";

const ownership = { mode: 0o755, uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 0 } };

function fileOf(size: number): FileInode {
  return { type: "file", ...ownership, size, content: [] };
}

function treeWith(file: FileInode, folder: Partial<DirectoryInode> = {}): DirectoryInode {
  const root = emptyDirectory(ownership);
  makeDirectory(root, "a/b", { ...ownership, ...folder });
  insert(root, "a/b/file", file);
  return root;
}

const file = fileOf(1);

test("trees of folders of their own are the same where these are alike and hold the same files", (t) => {
  t.true(isSameTree(treeWith(file), treeWith(file)));
  t.true(isSameTree(copyFolder(treeWith(file)), treeWith(file)));
  const xattrs = () => ({ xattrs: new Map([["user.x", Buffer.from("1")]]) });
  t.true(isSameTree(treeWith(file, xattrs()), treeWith(file, xattrs())));
});

const others: readonly (readonly [what: string, tree: DirectoryInode])[] = [
  ["another file", treeWith(fileOf(1))],
  ["another mode", treeWith(file, { mode: 0o700 })],
  ["another owner", treeWith(file, { uid: 1 })],
  ["another time", treeWith(file, { mtime: { seconds: 1, nanoseconds: 1 } })],
  ["an attribute", treeWith(file, { xattrs: new Map([["user.x", Buffer.from("1")]]) })],
  ["nothing", emptyDirectory(ownership)],
];

for (const [what, other] of others) {
  test(`a tree is not the same with ${what} deep in it`, (t) => {
    t.false(isSameTree(treeWith(file), other));
    t.false(isSameTree(other, treeWith(file)));
  });
}

test("a tree with a name more, or with another name, is not the same", (t) => {
  const [more, renamed] = [treeWith(file), emptyDirectory(ownership)];
  insert(more, "a/b/other", file);
  makeDirectory(renamed, "a/c", ownership);
  insert(renamed, "a/c/file", file);
  for (const other of [more, renamed])
    t.deepEqual(
      [treeWith(file), other].map((one) => isSameTree(one, other)),
      [false, true],
    );
  t.false(isSameTree(file, treeWith(file)));
});

test("what two trees share is not walked", (t) => {
  const shared = treeWith(file);
  const root = copyFolder(shared);
  const folder = shared.entries.get("a") as DirectoryInode;
  Object.defineProperty(folder, "entries", { get: () => t.fail("walked") });
  t.true(isSameTree(shared, root));
});

/** A tree of small folders, some of which are shared with another tree. */
const anyTree = fc.letrec<{ inode: FileInode | DirectoryInode; folder: DirectoryInode }>((tie) => ({
  inode: fc.oneof(
    { depthSize: "small" },
    fc.integer({ min: 0, max: 2 }).map((size) => files[size] ?? file),
    tie("folder"),
  ),
  folder: fc
    .record({
      mode: fc.constantFrom(0o755, 0o700),
      entries: fc.dictionary(fc.constantFrom("a", "b", "c"), tie("inode")),
    })
    .map(({ mode, entries }) => ({
      ...emptyDirectory({ ...ownership, mode }),
      entries: new Map(Object.entries(entries)),
    })),
})).folder;

const files = [fileOf(0), fileOf(1), fileOf(2)];

/** Copies a tree over another one, as `cp` does. */
function copyOver(below: DirectoryInode, above: DirectoryInode): DirectoryInode {
  const entries = new Map(below.entries);
  for (const [name, inode] of above.entries) {
    const before = below.entries.get(name);
    const areFolders = before?.type === "directory" && inode.type === "directory";
    entries.set(name, areFolders ? copyOver(before, inode) : inode);
  }
  return { ...above, entries };
}

test("additions that are copied over the earlier tree make the later one; where something is gone there are none", (t) => {
  fc.assert(
    fc.property(anyTree, anyTree, (earlier, other) => {
      const later = copyOver(earlier, other);
      for (const tree of [other, later]) {
        const added = additionsTo(earlier, tree);
        if (added === undefined) continue;
        t.true(isSameTree(copyOver(earlier, added), tree));
      }
    }),
  );
  const root = treeWith(file);
  t.is(additionsTo(root, emptyDirectory(ownership)), undefined);
  t.deepEqual(additionsTo(root, treeWith(file))?.entries, new Map());
  const more = copyFolder(treeWith(file));
  insert(more, "a/new", fileOf(2));
  t.deepEqual([...(additionsTo(root, more)?.entries.keys() ?? [])], ["a"]);
});
