import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import {
  changeAttributes,
  countNames,
  detach,
  emptyDirectory,
  insert,
  lookUp,
  makeDirectory,
  namesOf,
  ownedBy,
  walk,
} from "../../src/manifest/tree.ts";

const time = { seconds: 1, nanoseconds: 0 };
const folder = { mode: 0o755, uid: 0, gid: 0, mtime: time };
const fifo = { type: "fifo", ...folder, mode: 0o600 } as const;

test("a path's names, whatever its slashes and dots", (t) => {
  t.deepEqual(namesOf("//etc/./nixos/"), ["etc", "nixos"]);
  t.deepEqual(namesOf("/"), []);
});

test("folders are made with their parents, and those that exist keep what they are", (t) => {
  const root = emptyDirectory(folder);
  makeDirectory(root, "/a/b", { ...folder, mode: 0o700 });
  makeDirectory(root, "/a/b/c", folder);
  t.deepEqual(
    ["a", "a/b", "a/b/c"].map((path) => lookUp(root, path)?.mode),
    [0o700, 0o700, 0o755],
  );
  t.is(lookUp(root, "/"), root);
  t.is(lookUp(root, "a/x/y"), undefined);
});

test("a place that is taken, or has no folder, is refused by name", (t) => {
  const root = emptyDirectory(folder);
  insert(root, "/p", fifo);
  t.throws(() => insert(root, "p", fifo), { instanceOf: MkimageError, message: "/p is there already" });
  t.throws(() => insert(root, "q/r", fifo), { instanceOf: MkimageError, message: /^\/q\/r cannot be placed/ });
  t.throws(() => makeDirectory(root, "p/q", folder), {
    instanceOf: MkimageError,
    message: /^\/p\/q cannot be made: p on its way is a fifo/,
  });
});

test("a walk goes through folders before what is in them, by the bytes of the names", (t) => {
  const root = emptyDirectory(folder);
  for (const path of ["b", "a", "a-", "a/z", "\xff", "é"]) makeDirectory(root, path, folder);
  t.deepEqual(
    [...walk(root)].map(({ path }) => path),
    ["", "a", "a/z", "a-", "b", "é", "\xff"],
  );
  t.is(countNames(root), 7);
});

test("a folder of 20,000 levels is walked, counted and given away", (t) => {
  const root = emptyDirectory(folder);
  let deepest = root;
  for (let level = 0; level < 20_000; level += 1) deepest = makeDirectory(deepest, "d", folder);
  t.is([...walk(root)].length, 20_001);
  t.is(countNames(root), 20_001);
  const given = ownedBy(root, { uid: 7, gid: 8 });
  t.is([...walk(given)].filter(({ inode }) => inode.uid === 7 && inode.gid === 8).length, 20_001);
  t.is(deepest.uid, 0);
});

test("a path that no system can open is refused", (t) => {
  const root = emptyDirectory(folder);
  makeDirectory(root, "d/".repeat(2047), folder);
  const tooLong = { instanceOf: MkimageError, message: /^\/d\/.* 4096 bytes, of at most 4095 \(PATH_MAX\)/ };
  t.throws(() => makeDirectory(root, "d/".repeat(2048), folder), tooLong);
  t.throws(() => insert(root, "d/".repeat(2048), fifo), tooLong);
  t.throws(() => insert(root, "n".repeat(256), fifo), { instanceOf: MkimageError, message: /NAME_MAX/ });
});

test("a detached folder leaves an empty one, as a mount point", (t) => {
  const root = emptyDirectory(folder);
  makeDirectory(root, "boot/loader", folder);
  changeAttributes(lookUp(root, "boot") as typeof root, { mode: 0o700 });
  const boot = detach(root, "/boot");
  t.deepEqual([...(boot?.entries.keys() ?? [])], ["loader"]);
  t.is(boot?.mode, 0o700);
  t.deepEqual(
    [...walk(root)].map(({ path }) => path),
    ["", "boot"],
  );
  t.is(detach(root, "/efi"), undefined);
});
