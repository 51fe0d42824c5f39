import test from "ava";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../../src/base/errors.ts";
import { type ContentEntry, readContents } from "../../src/manifest/contents.ts";
import { placeContents } from "../../src/manifest/place-contents.ts";
import { emptyDirectory, lookUp, makeDirectory, walk } from "../../src/manifest/tree.ts";
import { scratchFolder } from "../nix/nix.ts";
import { bytesOfFile } from "./write-tree.ts";

const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const time = { seconds: 1, nanoseconds: 0 };
const source = join(scratch, "source");
mkdirSync(join(source, "sub"), { recursive: true });
for (const [name, mode] of [
  ["a.txt", 0o644],
  [".hidden", 0o600],
  ["b c*", 0o644],
  ["sub/run", 0o755],
] as const) {
  writeFileSync(join(source, name), name, { mode });
}
symlinkSync("a.txt", join(source, "link"));
symlinkSync(join(source, "a.txt"), join(scratch, "result"));

/** A root with /etc and a file in it, and the contents. */
function placed(entries: ContentEntry[]) {
  const root = emptyDirectory({ mode: 0o755, uid: 0, gid: 0, mtime: time });
  makeDirectory(root, "etc", { mode: 0o755, uid: 0, gid: 0, mtime: time });
  const owners = placeContents(
    root,
    readContents([{ source: join(source, "a.txt"), target: "/etc/taken" }], time),
    time,
  );
  owners.push(...placeContents(root, readContents(entries, time), time));
  const listing = [...walk(root)].filter(({ path }) => !["", "etc", "etc/taken"].includes(path));
  return {
    root,
    owners,
    lines: listing.map(({ path, inode }) => `${inode.mode.toString(8)} ${inode.uid}:${inode.gid} ${path}`),
  };
}

function faultsOf(entries: ContentEntry[]): readonly string[] | undefined {
  try {
    placed(entries);
    return undefined;
  } catch (error) {
    return error instanceof MkimageError && error.code === "BAD_REQUEST" ? error.details : [String(error)];
  }
}

test("a file gets its target's name, its folders are made, its time is set", (t) => {
  const { root, lines } = placed([{ source: join(source, "a.txt"), target: "/etc/ssh/key", mode: "0400" }]);
  t.deepEqual(lines, ["755 0:0 etc/ssh", "400 0:0 etc/ssh/key"]);
  const key = lookUp(root, "etc/ssh/key");
  t.deepEqual(key?.mtime, time);
  t.is(key?.type === "file" ? bytesOfFile(key).toString() : "", "a.txt");
});

test("a folder becomes its target, dotfiles and links and all, with modes as they are", (t) => {
  t.deepEqual(placed([{ source, target: "/srv/www/" }]).lines, [
    "755 0:0 srv",
    "755 0:0 srv/www",
    "600 0:0 srv/www/.hidden",
    "644 0:0 srv/www/a.txt",
    "644 0:0 srv/www/b c*",
    "777 0:0 srv/www/link",
    "755 0:0 srv/www/sub",
    "755 0:0 srv/www/sub/run",
  ]);
});

test("a pattern's matches go into the target, dotfiles too; * and ? stand within one name", (t) => {
  const names = (pattern: string) =>
    placed([{ source: join(source, pattern), target: "/x" }]).lines.map((line) => line.split("x/")[1]);
  t.deepEqual(names("*"), [undefined, ".hidden", "a.txt", "b c*", "link", "sub", "sub/run"]);
  t.deepEqual(names("?.*"), [undefined, "a.txt"]);
  t.deepEqual(names("s*/r?n"), [undefined, "run"]);
});

test("a mode holds for what an entry names, not for what is in it, and not for links", (t) => {
  t.deepEqual(placed([{ source: join(source, "*"), target: "/x", mode: "0711" }]).lines, [
    "755 0:0 x",
    "711 0:0 x/.hidden",
    "711 0:0 x/a.txt",
    "711 0:0 x/b c*",
    "777 0:0 x/link",
    "711 0:0 x/sub",
    "755 0:0 x/sub/run",
  ]);
});

test("a link such as ./result stands for what it leads to", (t) => {
  t.deepEqual(placed([{ source: join(scratch, "result"), target: "/f" }]).lines, ["644 0:0 f"]);
});

test("numbers and root are set on all that is copied, and on a pattern's new folder", (t) => {
  t.deepEqual(placed([{ source: join(source, "s*"), target: "/home/alice", user: "1000", group: "root" }]), {
    ...placed([{ source: join(source, "s*"), target: "/home/alice", user: "1000", group: "0" }]),
    owners: [],
    lines: ["755 0:0 home", "755 1000:0 home/alice", "755 1000:0 home/alice/sub", "755 1000:0 home/alice/sub/run"],
  });
});

test("names are left to a guest: one path an item, or the folder that a pattern made", (t) => {
  const owner = { user: "alice", group: "100" };
  t.deepEqual(placed([{ source, target: "/srv", ...owner }]).owners, [{ path: "/srv", ...owner }]);
  t.deepEqual(placed([{ source: join(source, "a*"), target: "/home/alice", ...owner }]).owners, [
    { path: "/home/alice", ...owner },
  ]);
  t.deepEqual(placed([{ source: join(source, "a*"), target: "/etc", ...owner }]).owners, [
    { path: "/etc/a.txt", ...owner },
  ]);
});

test("a folder may come to a folder that the system has, and may set its mode", (t) => {
  const { root, lines } = placed([{ source: join(source, "sub"), target: "/etc", mode: "0750" }]);
  t.deepEqual(lines, ["755 0:0 etc/run"]);
  t.is(lookUp(root, "etc")?.mode, 0o750);
});

test("a target that is taken is refused, all of them at once", (t) => {
  const file = join(source, "a.txt");
  t.deepEqual(
    faultsOf([
      { source: file, target: "/etc/taken" },
      { source, target: "/etc/taken" },
      { source: file, target: "/etc" },
      { source: file, target: "/etc/taken/below" },
      { source: file, target: "/new" },
      { source: file, target: "/new/" },
    ]),
    [
      "/etc/taken is there already",
      "/etc/taken: two entries of contents have this target",
      "/etc is there already",
      "/etc/taken cannot be made: taken on its way is a file, not a folder",
      "/new: two entries of contents have this target",
    ],
  );
});

test("a source that is not there, or matches nothing, is named", (t) => {
  const faults = faultsOf([
    { source: join(scratch, "gone"), target: "/a" },
    { source: join(scratch, "gone*"), target: "/b" },
  ]);
  t.is(faults?.length, 2);
  t.regex(faults?.[0] ?? "", /gone: ENOENT/);
  t.regex(faults?.[1] ?? "", /gone\*: nothing matches/);
});
