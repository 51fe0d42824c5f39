import test from "ava";
import { emptyInstallation } from "../../../src/bootloaders/installation.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import type { MkimageError } from "../../../src/base/errors.ts";
import type { DirectoryInode, Inode } from "../../../src/manifest/inode.ts";
import { emptyDirectory, insert, lookUp, makeDirectory, walk } from "../../../src/manifest/tree.ts";
import { folderOwnership, type Manifests, manifestsOf } from "../../../src/pipeline/plan/manifests.ts";
import { mountpointWithSpace, mountTable } from "../../../src/devices/tree/mount-table.ts";

const ownership = folderOwnership(7);

function fileOf(path: string): Inode {
  return { type: "symlink", ...ownership, target: path };
}

function treeOf(paths: readonly string[]): DirectoryInode {
  const root = emptyDirectory(ownership);
  for (const path of paths) {
    makeDirectory(root, path.slice(0, path.lastIndexOf("/") + 1), ownership);
    if (!path.endsWith("/")) insert(root, path, fileOf(path));
  }
  return root;
}

function mountsOf(onDisks: readonly string[], nodev: object) {
  const content = (mountpoint: string) => ({ type: "filesystem", format: "ext4", mountpoint });
  const disk = Object.fromEntries(onDisks.map((place, index) => [`d${index}`, { content: content(place) }]));
  return mountTable(readDeviceTree({ disk, nodev }));
}

function bind(device: string, ...mountOptions: string[]): object {
  return { fsType: "none", device, mountOptions: mountOptions.length === 0 ? ["bind"] : mountOptions };
}

function laidOut(onDisks: readonly string[], nodev: object, paths: readonly string[]): Manifests {
  return manifestsOf(treeOf(paths), mountsOf(onDisks, nodev), emptyInstallation, 7);
}

/** The files of each filesystem, by what they were in the system. */
function filesOf({ kept }: Manifests): Record<string, Record<string, string>> {
  return Object.fromEntries(
    [...kept].map(([mountpoint, files]) => [
      mountpoint,
      Object.fromEntries(
        [...walk(files)].flatMap(({ path, inode }) => (inode.type === "symlink" ? [[path, inode.target]] : [])),
      ),
    ]),
  );
}

test("files below a bind mount are in its source, which is there also when nothing is", (t) => {
  const manifests = laidOut(["/", "/persist"], { "/home": bind("/persist/home"), "/srv": bind("/persist/srv") }, [
    "home/u/hello",
    "etc/x",
  ]);
  t.deepEqual(filesOf(manifests), { "/": { "etc/x": "etc/x" }, "/persist": { "home/u/hello": "home/u/hello" } });
  t.is(lookUp(manifests.kept.get("/persist") as DirectoryInode, "srv")?.type, "directory");
  t.is(lookUp(manifests.kept.get("/") as DirectoryInode, "home")?.type, "directory", "the mount point");
});

test("options may stand in one entry, beside those for systemd", (t) => {
  const manifests = laidOut(
    ["/", "/persist"],
    { "/home": bind("/persist/home", "x-systemd.requires-mounts-for=/persist", "ro,bind") },
    ["home/x"],
  );
  t.deepEqual(filesOf(manifests)["/persist"], { "home/x": "home/x" });
});

test("bind mounts lead on to each other, and a folder of a source is a source", (t) => {
  const nodev = { "/home": bind("/data/home"), "/data": bind("/persist/data"), "/home/u/mail": bind("/data/mail") };
  const manifests = laidOut(["/", "/persist"], nodev, ["home/u/hello", "home/u/mail/m", "data/d"]);
  t.deepEqual(filesOf(manifests)["/persist"], {
    "data/d": "data/d",
    "data/home/u/hello": "home/u/hello",
    "data/mail/m": "home/u/mail/m",
  });
});

test("a filesystem of its own below a bind mount keeps its files, and its mount point is in the source", (t) => {
  const manifests = laidOut(["/", "/persist", "/home/u"], { "/home": bind("/persist/home") }, ["home/u/x", "home/y"]);
  t.deepEqual(filesOf(manifests), { "/": {}, "/persist": { "home/y": "home/y" }, "/home/u": { x: "home/u/x" } });
  t.is(lookUp(manifests.kept.get("/persist") as DirectoryInode, "home/u")?.type, "directory");
});

test("the source of a bind mount may be below it: it was there before", (t) => {
  t.deepEqual(filesOf(laidOut(["/"], { "/home": bind("/home/real") }, ["home/x", "home/real/y"]))["/"], {
    "home/real/x": "home/x",
    "home/real/real/y": "home/real/y",
  });
  t.deepEqual(filesOf(laidOut(["/"], { "/nix/store": bind("/nix/store", "bind", "ro") }, ["nix/store/a"]))["/"], {
    "nix/store/a": "nix/store/a",
  });
});

test("what is mounted inside a source is seen through a recursive bind mount; through a plain one that is not certain", (t) => {
  const disks = ["/", "/persist", "/persist/db"];
  const files = ["data/db/x", "data/y"];
  t.deepEqual(filesOf(laidOut(disks, { "/data": bind("/persist", "rbind") }, files)), {
    "/": {},
    "/persist": { y: "data/y" },
    "/persist/db": { x: "data/db/x" },
  });
  const error = t.throws<MkimageError>(() => laidOut(disks, { "/data": bind("/persist") }, files));
  t.deepEqual(error?.details, ["/data/db: whether /data shows /persist/db there depends on which is mounted first"]);
  t.notThrows(() => laidOut(disks, { "/data": bind("/persist") }, ["data/y"]));
});

test("a file is mounted on a file", (t) => {
  const nodev = { "/etc/machine-id": bind("/persist/id"), "/etc/key": bind("/persist/key") };
  const manifests = laidOut(["/", "/persist"], nodev, ["etc/machine-id", "persist/key"]);
  t.deepEqual(filesOf(manifests)["/persist"], { id: "etc/machine-id", key: "persist/key" });
  const root = manifests.kept.get("/") as DirectoryInode;
  t.deepEqual(
    ["etc/machine-id", "etc/key"].map((path) => lookUp(root, path)?.type),
    ["file", "file"],
  );
});

test("a place that is taken, and bind mounts in a circle, are refused by name", (t) => {
  const both = ["home/x", "persist/home/x"];
  const error = t.throws<MkimageError>(() => laidOut(["/", "/persist"], { "/home": bind("/persist/home") }, both));
  t.deepEqual(error?.details, ["/home/x: there is /persist/home/x already"]);
  t.throws(() => laidOut(["/"], { "/a": bind("/b"), "/b": bind("/a") }, ["a/x"]), {
    message: "bind mounts lead in a circle: /a to /b to /a",
  });
});

test("what is below a tmpfs, below a bind mount of one, and without a root, is in no filesystem, and is named", (t) => {
  const nodev = { "/": { fsType: "tmpfs" }, "/srv": bind("/var/srv"), "/mnt/x": { fsType: "nfs", device: "/dev/x" } };
  const { kept, unkept } = laidOut(["/nix"], nodev, ["nix/a", "etc/b", "srv/c", "mnt/x/d"]);
  t.deepEqual([...kept.keys()], ["/nix"]);
  const reasons = unkept.map(({ names, reason }) => `/${names.join("/")}: ${reason}`).toSorted();
  t.deepEqual(reasons, [
    "/: / is a mount of tmpfs",
    "/mnt/x: /mnt/x is a mount of nfs (/dev/x)",
    "/srv: /srv shows /var/srv, and / is a mount of tmpfs",
  ]);
  t.is(laidOut(["/nix"], {}, ["etc/b"]).unkept[0]?.reason, "nothing is mounted on /");
});

test("space is kept free on the root, or on what has the store, also behind a bind mount", (t) => {
  const tmpfs = { "/": { fsType: "tmpfs" } };
  t.is(mountpointWithSpace(mountsOf(["/", "/nix"], {})), "/");
  t.is(mountpointWithSpace(mountsOf(["/boot", "/nix"], tmpfs)), "/nix");
  t.is(mountpointWithSpace(mountsOf(["/boot", "/nix/store"], tmpfs)), "/nix/store");
  t.is(mountpointWithSpace(mountsOf(["/boot", "/persist"], { ...tmpfs, "/nix": bind("/persist/nix") })), "/persist");
  t.is(mountpointWithSpace(mountsOf(["/boot"], tmpfs)), undefined);
});

test("every file is in exactly one filesystem, or is named, and the given tree stays as it is", (t) => {
  let placed = 0;
  for (let seed = 1; seed <= 400; seed += 1) {
    const random = numbersFrom(seed);
    const pathOf = (depth: number) => Array.from({ length: 1 + random(depth) }, () => "abc"[random(3)]).join("/");
    const paths = [...new Set(Array.from({ length: 30 }, () => `${pathOf(4)}/f${random(1000)}`))];
    const disks = ["/", ...new Set(Array.from({ length: random(5) }, () => `/${pathOf(3)}`))].slice(random(2));
    const others = Array.from({ length: random(5) }, () => [`/${pathOf(3)}`, random(5)] as const);
    const nodev = Object.fromEntries(
      others.flatMap(([place, kind]) => {
        if (disks.includes(place)) return [];
        return [[place, kind === 0 ? { fsType: "tmpfs" } : bind(`/${pathOf(3)}`, kind === 1 ? "bind" : "rbind")]];
      }),
    );
    const files = treeOf(paths);
    const before = [...walk(files)].map(({ path }) => path);
    let manifests: Manifests;
    try {
      manifests = manifestsOf(files, mountsOf(disks, nodev), emptyInstallation, 7);
    } catch (error) {
      t.is((error as MkimageError).code, "BAD_REQUEST", String(error));
      continue;
    }
    const kept = Object.values(filesOf(manifests)).flatMap((set) => Object.values(set));
    const named = manifests.unkept.flatMap(({ inode }) =>
      [...walk(inode)].flatMap((found) => (found.inode.type === "symlink" ? [found.inode.target] : [])),
    );
    t.deepEqual([...kept, ...named].toSorted(), paths.toSorted(), JSON.stringify({ seed, disks, nodev }));
    t.deepEqual(
      [...walk(files)].map(({ path }) => path),
      before,
    );
    placed += 1;
  }
  t.true(placed > 200, `${placed} of 400 trees were laid out`);
});

/** Whole numbers below a limit, the same for the same seed. */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
