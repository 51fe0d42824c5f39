import test from "ava";
import { MkimageError } from "../../src/errors.ts";
import {
  changeAttributes,
  countNames,
  detach,
  emptyDirectory,
  insert,
  lookUp,
  makeDirectory,
  namesOf,
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

test("a folder of a thousand levels is walked", (t) => {
  const root = emptyDirectory(folder);
  makeDirectory(root, "d/".repeat(1000), folder);
  t.is([...walk(root)].length, 1001);
  t.is(countNames(root), 1001);
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
