import test from "ava";
import { compareStores, packageName } from "../../../src/inspect/diff/compare-stores.ts";
import { ContentComparison } from "../../../src/inspect/diff/compare-content.ts";
import { compareTrees } from "../../../src/inspect/diff/compare-trees.ts";
import { Turns } from "../../../src/image/turns.ts";
import { file, folder, symlink } from "../../filesystems/ext4/trees.ts";

const inMemory = new ContentComparison(new Turns(undefined));
const path = (hash: string, name: string): string => `/nix/store/${hash.repeat(32)}-${name}`;

test("a store path is known again by its name, whatever its hash and version", (t) => {
  t.is(packageName(path("a", "openssl-3.0.2")), "openssl");
  t.is(packageName(path("a", "openssl-3.0.2-dev")), "openssl-dev");
  t.is(packageName(path("a", "nixos-system-web-24.11")), "nixos-system-web");
  t.is(packageName(path("a", "unit-script-7zip-start")), "unit-script-start");
});

test("stores: added, removed, grown and unchanged", (t) => {
  const before = [
    { path: path("a", "glibc-2.36"), size: 10 },
    { path: path("b", "python3-3.11"), size: 100 },
    { path: path("c", "gone"), size: 5 },
  ];
  const after = [
    { path: path("a", "glibc-2.36"), size: 10 },
    { path: path("d", "python3-3.12"), size: 130 },
    { path: path("e", "new"), size: 7 },
  ];
  t.deepEqual(compareStores(before, after), {
    changes: [
      { kind: "removed", name: path("c", "gone"), sizes: [5, null], what: [] },
      { kind: "added", name: path("e", "new"), sizes: [null, 7], what: [] },
      {
        kind: "changed",
        name: path("d", "python3-3.12"),
        sizes: [100, 130],
        what: [`was ${path("b", "python3-3.11")}`],
      },
    ],
    sizes: [115, 147],
  });
});

test("trees: what is the same is not named, what changed says how", async (t) => {
  const before = folder({
    same: file("x"),
    grown: file("x"),
    edited: file("abc"),
    gone: file(""),
    link: symlink("a"),
    run: file("#!"),
  });
  const after = folder({
    same: file("x"),
    grown: file("xyz"),
    edited: file("abd"),
    new: file("new"),
    link: symlink("b"),
    run: file("#!", { mode: 0o755 }),
  });
  t.deepEqual(
    (await compareTrees(before, after, inMemory)).map(({ kind, name, sizes, what }) => [kind, name, sizes, what]),
    [
      ["changed", "/edited", [3, 3], ["content"]],
      ["removed", "/gone", [0, null], []],
      ["changed", "/grown", [1, 3], ["size"]],
      ["changed", "/link", [0, 0], ["target a → b"]],
      ["added", "/new", [null, 3], []],
      ["changed", "/run", [2, 2], ["mode 644 → 755"]],
    ],
  );
});

test("trees: a store path that was built again is compared inside, one that is new is not listed file by file", async (t) => {
  const store = (entries: Parameters<typeof folder>[0]) => folder({ nix: folder({ store: folder(entries) }) });
  const before = store({ [`${"a".repeat(32)}-etc`]: folder({ hosts: file("one") }) });
  const after = store({
    [`${"b".repeat(32)}-etc`]: folder({ hosts: file("two") }),
    [`${"c".repeat(32)}-new`]: folder({ file: file("x") }),
  });
  t.deepEqual(
    (await compareTrees(before, after, inMemory)).map(({ kind, name }) => [kind, name]),
    [["changed", `/nix/store/${"b".repeat(32)}-etc/hosts`]],
  );
});
