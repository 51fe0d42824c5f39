import { hash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import * as fc from "fast-check";
import type { DirectoryInode, Inode } from "../../src/manifest/inode.ts";
import { readStore } from "../../src/manifest/read-store.ts";
import { columnsOf, walkedOf } from "../../src/manifest/remembered/columns.ts";
import { RememberedTrees } from "../../src/manifest/remembered/remembered-trees.ts";
import type { Closure } from "../../src/nix/closure.ts";
import { temporaryFolder } from "../image/folder.ts";
import { describeTree } from "./describe-tree.ts";

/** A folder that stands in for the store, and one for what is remembered. */
function scene(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const [store, cache] = [join(folder, "store"), join(folder, "cache")];
  mkdirSync(store);
  const closure = (...names: readonly string[]): Closure => ({
    roots: [],
    paths: names.map((name) => ({
      path: join(store, name),
      narHash: hash("sha256", name),
      narSize: 0,
      references: [],
    })),
  });
  const kept = () => readdirSync(cache).filter((name) => name.startsWith("trees-"));
  return { store, cache, closure, kept };
}

/** A store path with a file, one that can be executed, a link, and folders. */
function makePath(path: string, size: number): void {
  mkdirSync(join(path, "bin/empty"), { recursive: true });
  writeFileSync(join(path, "bin/program"), "x".repeat(size), { mode: 0o755 });
  writeFileSync(join(path, "näme"), "");
  symlinkSync("bin/program", join(path, "link"));
}

/** The trees of a closure as plain values, by the names of their paths. */
const described = (contents: ReadonlyMap<string, Inode>) =>
  [...contents].map(([path, inode]) => [path, inode.type === "directory" ? describeTree(inode) : inode]);

async function read(closure: Closure, cache?: string) {
  return described(await readStore(closure, cache === undefined ? undefined : new RememberedTrees(cache)));
}

test("what is remembered of store paths is what is read of them, whatever they are", async (t) => {
  const { store, cache, closure, kept } = scene(t);
  makePath(join(store, "folder"), 100);
  writeFileSync(join(store, "file"), "content", { mode: 0o700 });
  symlinkSync("/nowhere", join(store, "symlink"));
  makePath(join(store, "another"), 5);
  const all = closure("folder", "file", "symlink", "another");
  const without = await read(all);
  for (const how of ["cold", "warm"]) t.deepEqual(await read(all, cache), without, how);
  t.is(kept().length, 1);
});

test("a store path that another closure had is not walked through", async (t) => {
  const { store, cache, closure, kept } = scene(t);
  for (const [size, name] of ["common", "first", "second"].entries()) makePath(join(store, name), size);
  await read(closure("common", "first"), cache);
  const common = await read(closure("common"));
  writeFileSync(join(store, "common/unseen"), "");
  t.deepEqual((await read(closure("common", "second"), cache))[0], common[0]);
  t.is(kept().length, 2, "the new one is remembered as well");
  await read(closure("second", "first", "common"), cache);
  t.is(kept().length, 2);
});

test("a path whose sum is another one is read anew", async (t) => {
  const { store, cache, closure } = scene(t);
  makePath(join(store, "one"), 7);
  await read(closure("one"), cache);
  writeFileSync(join(store, "one/more"), "");
  const changed = closure("one");
  const other = { ...changed, paths: changed.paths.map((path) => ({ ...path, narHash: hash("sha256", "changed") })) };
  t.deepEqual(await read(other, cache), await read(changed));
});

test("a path that is remembered and gone is missing", async (t) => {
  const { store, cache, closure } = scene(t);
  makePath(join(store, "one"), 7);
  makePath(join(store, "two"), 7);
  await read(closure("one", "two"), cache);
  rmSync(join(store, "one"), { recursive: true });
  await t.throwsAsync(read(closure("one", "two"), cache), {
    code: "RESOLVE_FAILED",
    message: /^1 of the closure's 2 store paths/,
  });
  writeFileSync(join(store, "one"), "a file in its place");
  t.deepEqual(await read(closure("one", "two"), cache), await read(closure("one", "two")));
});

test("a path that is remembered and cannot be looked at is told as any other", async (t) => {
  const { store, cache, closure } = scene(t);
  makePath(join(store, "one"), 7);
  await read(closure("one"), cache);
  rmSync(store, { recursive: true });
  symlinkSync("store", store);
  await t.throwsAsync(read(closure("one"), cache), { code: "RESOLVE_FAILED" });
});

test("a byte that has flipped anywhere is found, and the trees are read anew", async (t) => {
  const { store, cache, closure, kept } = scene(t);
  makePath(join(store, "one"), 7);
  const sound = await read(closure("one"), cache);
  const [name = ""] = kept();
  const bytes = readFileSync(join(cache, name));
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (place, flip) => {
      for (const other of kept()) truncateSync(join(cache, other));
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8((damaged[place] ?? 0) ^ flip, place);
      writeFileSync(join(cache, name), damaged);
      t.deepEqual(await read(closure("one"), cache), sound);
      const before = kept();
      t.deepEqual(await read(closure("one"), cache), sound);
      t.deepEqual(kept(), before, "what was read anew is remembered");
    }),
    { numRuns: 25 },
  );
});

test("files that are cut off or something else, and folders that are none, are no memory", async (t) => {
  const { store, cache, closure, kept } = scene(t);
  makePath(join(store, "one"), 7);
  const sound = await read(closure("one"), cache);
  const [name = ""] = kept();
  const bytes = readFileSync(join(cache, name));
  const spoilt = [Buffer.alloc(0), bytes.subarray(0, 20), bytes.subarray(0, 100), Buffer.alloc(500)];
  for (const other of spoilt) {
    writeFileSync(join(cache, name), other);
    t.deepEqual(await read(closure("one"), cache), sound);
  }
  rmSync(cache, { recursive: true });
  mkdirSync(join(cache, name), { recursive: true });
  t.deepEqual(await read(closure("one"), cache), sound);
  for (const folder of ["/proc/none", join(store, "one/näme")]) t.deepEqual(await read(closure("one"), folder), sound);
});

test("builds at once remember what they read, each in a file of its own", async (t) => {
  const { store, cache, closure, kept } = scene(t);
  makePath(join(store, "one"), 7);
  const sound = await read(closure("one"));
  t.deepEqual(await Promise.all([1, 2, 3].map(() => read(closure("one"), cache))), [sound, sound, sound]);
  t.is(kept().length, 3);
  t.deepEqual(
    readdirSync(cache).filter((name) => name.startsWith(".")),
    [],
    "nothing is left beside them",
  );
});

test("without a memory nothing is kept", async (t) => {
  const { store, cache, closure } = scene(t);
  makePath(join(store, "one"), 7);
  await read(closure("one"));
  t.false(existsSync(cache));
});

const attributes = { uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 0 } };
test("columns of a tree have what a walk through it would have, with sizes beyond 4 GiB", (t) => {
  const tree: DirectoryInode = {
    type: "directory",
    mode: 0o555,
    ...attributes,
    entries: new Map([
      ["large", { type: "file", mode: 0o444, ...attributes, size: 5 * 2 ** 32 + 7, content: [] }],
      ["link", { type: "symlink", mode: 0o777, ...attributes, target: "large" }],
    ]),
  };
  const columns = columnsOf(tree);
  if (columns === undefined) return t.fail();
  const walked = walkedOf([3], [columns]);
  t.deepEqual(walked.trees, [3]);
  t.is(Buffer.from(walked.names).toString(), "/large/link/");
  t.is(walked.targets, "large\0");
  const words = (inode: number) => [3, 6, 7, 13].map((column) => walked.inodes[inode * 18 + column]);
  t.deepEqual(words(0), [0o40555, 0, 0, 2]);
  t.deepEqual(words(1), [0o100444, 7, 5, 0]);
  t.deepEqual(words(2), [0o120777, 0, 0, 0]);
});

test("of a tree that no store has there are no columns", (t) => {
  const fifo: Inode = { type: "fifo", mode: 0o444, ...attributes };
  t.is(columnsOf({ type: "directory", mode: 0o555, ...attributes, entries: new Map([["fifo", fifo]]) }), undefined);
});
