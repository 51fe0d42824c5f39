import test from "ava";
import { buildRoot, buildStoreRoot, type RootContents } from "../../src/manifest/build-root.ts";
import { lookUp, walk } from "../../src/manifest/tree.ts";

const time = { seconds: 1_700_000_000, nanoseconds: 0 };
const storeTime = { seconds: 1, nanoseconds: 0 };
const toplevel = "/nix/store/gwp0r3qnls5i5la1rv2asnnfqbqyl5vc-nixos-system-web";
const inStore = { type: "directory", mode: 0o555, uid: 0, gid: 0, mtime: storeTime, entries: new Map() } as const;

const contents: RootContents = {
  store: new Map([[toplevel, inStore]]),
  database: Buffer.from("SQLite"),
  toplevel,
  time,
};

/** Lines such as `0755 0:0 etc`, links with their targets. */
function listing(options: Partial<RootContents> = {}): string[] {
  return [...walk(buildRoot({ ...contents, ...options }))].map(({ path, inode }) => {
    const target = inode.type === "symlink" ? ` -> ${inode.target}` : "";
    return `${inode.mode.toString(8).padStart(4, "0")} ${inode.uid}:${inode.gid} /${path}${target}`;
  });
}

test("a root holds the store, its database, the profile, and what stage 2 needs", (t) => {
  t.deepEqual(listing(), [
    "0755 0:0 /",
    "0755 0:0 /dev",
    "0755 0:0 /etc",
    "0644 0:0 /etc/NIXOS",
    "0755 0:0 /nix",
    "1775 0:30000 /nix/store",
    "0755 0:0 /nix/store/.links",
    "0555 0:0 /nix/store/gwp0r3qnls5i5la1rv2asnnfqbqyl5vc-nixos-system-web",
    "0755 0:0 /nix/var",
    "0755 0:0 /nix/var/nix",
    "0755 0:0 /nix/var/nix/db",
    "0644 0:0 /nix/var/nix/db/db.sqlite",
    "0644 0:0 /nix/var/nix/db/schema",
    "0755 0:0 /nix/var/nix/gcroots",
    "0755 0:0 /nix/var/nix/gcroots/auto",
    "0777 0:0 /nix/var/nix/gcroots/profiles -> /nix/var/nix/profiles",
    "0755 0:0 /nix/var/nix/profiles",
    "0755 0:0 /nix/var/nix/profiles/per-user",
    "0755 0:0 /nix/var/nix/profiles/per-user/root",
    "0777 0:0 /nix/var/nix/profiles/system -> system-1-link",
    `0777 0:0 /nix/var/nix/profiles/system-1-link -> ${toplevel}`,
    "0755 0:0 /nix/var/nix/temproots",
    "0555 0:0 /proc",
    "0700 0:0 /root",
    "0755 0:0 /run",
    "0555 0:0 /sys",
    "1777 0:0 /tmp",
    "0755 0:0 /var",
  ]);
});

test("everything outside the store paths has the given time", (t) => {
  for (const { path, inode } of walk(buildRoot(contents))) {
    t.deepEqual(inode.mtime, path.includes("nixos-system") && path.startsWith("nix/store") ? storeTime : time, path);
  }
});

test("a channel becomes root's, as nixos-install copies it", (t) => {
  const channel = "/nix/store/y7v2d1wqhw7mq0ab09lv8j9drhs3b44k-nixos-25.05";
  const added = listing({ channel }).filter((line) => !listing().includes(line));
  t.deepEqual(added, [
    "0777 0:0 /nix/var/nix/profiles/per-user/root/channels -> channels-1-link",
    `0777 0:0 /nix/var/nix/profiles/per-user/root/channels-1-link -> ${channel}`,
    "0700 0:0 /root/.nix-defexpr",
    "0777 0:0 /root/.nix-defexpr/channels -> /nix/var/nix/profiles/per-user/root/channels",
  ]);
});

test("a configuration becomes /etc/nixos/configuration.nix, root's and writable", (t) => {
  const configuration = { type: "file", mode: 0o400, uid: 5, gid: 5, mtime: storeTime, size: 0, content: [] } as const;
  const file = lookUp(buildRoot({ ...contents, configuration }), "etc/nixos/configuration.nix");
  t.deepEqual(file, { ...configuration, mode: 0o644, uid: 0, gid: 0, mtime: time });
});

test("a filesystem for /nix/store has store paths at its root and nothing else", (t) => {
  const root = buildStoreRoot(contents.store, time);
  t.deepEqual([...root.entries], [["gwp0r3qnls5i5la1rv2asnnfqbqyl5vc-nixos-system-web", inStore]]);
});
