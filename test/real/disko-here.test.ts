import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { fixture } from "../steps/fixtures.ts";
import { settingOf } from "./disko-cycle.ts";
import { placesIn, plannedPlaces } from "./disko-mounts.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";
import { mkimage } from "./mkimage.ts";

// What disko-guest.test.ts does in a guest, on a loop device of this machine, for trees that its kernel has all for; that
// takes a tenth of the time.

/** Each tree, and a folder on one of its filesystems that stays. */
const cycles = [
  { name: "btrfs", place: "." },
  { name: "tmpfs-root", place: "nix" },
] as const;

/** A disk of the size that the trees are solved for in a guest, a tree for it, and a folder to mount it in. */
function scene(t: ExecutionContext, name: string) {
  const { path: device } = loopDevice(t, { size: 2 ** 31 });
  const folder = temporaryFolder(t);
  const root = join(folder, "root");
  const file = join(folder, "tree.json");
  mkdirSync(root);
  const text = readFileSync(join(import.meta.dirname, "../../fixtures/devices", `${name}.json`), "utf8");
  writeFileSync(file, text.replaceAll("/dev/vda", device));
  t.teardown(() => {
    for (const path of swapsBelow(root)) judge("swapoff", path);
    while (ask("findmnt", root).status === 0) judge("umount", "--recursive", root);
  });
  const does = async (mode: string): Promise<void> => {
    const options = ["--root-mountpoint", root, "--seed", "a seed", "--yes-wipe-all-disks"];
    await mkimage(t, ["disko", "--mode", mode, ...options, file]);
  };
  return { device, root, does };
}

for (const { name, place } of cycles) {
  test.serial(
    `${name}: mounted as planned, kept, unmounted without a rest, destroyed, and made anew alike`,
    async (t) => {
      const { device, root, does } = scene(t, name);
      const kept = join(root, place, "a file");
      await does("format,mount");
      const first = seen(device, root);
      t.deepEqual(first.places, plannedPlaces(name));
      for (const { format, uuid } of settingOf(fixture(name)).layout.filesystems)
        t.true(first.contents.includes(`${format} ${uuid}`), first.contents.join("\n"));
      await does("mount");
      t.deepEqual(seen(device, root), first);
      writeFileSync(kept, "kept");

      await does("unmount");
      const unmounted = { ...first, places: [], swaps: [] };
      t.deepEqual(seen(device, root), unmounted);
      await does("mount");
      t.is(readFileSync(kept, "utf8"), "kept");
      await does("unmount");
      await does("format,mount");
      t.is(readFileSync(kept, "utf8"), "kept");
      t.deepEqual(seen(device, root), first);

      await does("destroy");
      t.deepEqual(seen(device, root), { ...unmounted, contents: [] });
      await does("format,mount");
      t.false(existsSync(kept));
      t.deepEqual(seen(device, root), first);
    },
  );
}

test.serial("btrfs has every subvolume, also the one that is mounted nowhere, and all its swap files", async (t) => {
  const { root, does } = scene(t, "btrfs");
  await does("format,mount");
  const listed = judge("btrfs", "subvolume", "list", root);
  const paths = [...listed.matchAll(/ path (\S+)$/gm)].map(([, path]) => path);
  t.deepEqual(paths.toSorted(), ["home", "home/user", "nix", "rootfs", "swap"]);
  const files = [".swapvol/rel-path", ".swapvol/swapfile", "partition-root/swapfile"];
  t.deepEqual(
    swapsBelow(root),
    files.map((file) => join(root, file)),
  );
});

test.serial("what is unformatted is empty, and has what was left free; the root has its size in memory", async (t) => {
  const { device, root, does } = scene(t, "tmpfs-root");
  await does("format,mount");
  t.is(judge("wipefs", "--no-act", "--noheadings", `${device}p2`), "");
  t.is(judge("blockdev", "--getsize64", `${device}p2`), String(16 * 2 ** 20));
  t.regex(judge("sgdisk", "--verify", device), /No problems found/);
  t.regex(judge("findmnt", "--noheadings", "--output", "OPTIONS", root), /size=204800k/);
});

test.serial(
  "hybrid: the MBR has the partitions that want it, with their types, and then the protective entry",
  async (t) => {
    const { device, does } = scene(t, "hybrid");
    for (const moment of ["first", "again"]) {
      await does("format");
      const table = JSON.parse(judge("sfdisk", "--json", "--label-nested=dos", device)) as {
        partitiontable: { partitions: { type: string; bootable?: boolean }[] };
      };
      t.deepEqual(
        table.partitiontable.partitions.map(({ type, bootable }) => [type, bootable === true]),
        [
          ["c", false],
          ["ef", true],
          ["ee", false],
        ],
        moment,
      );
    }
    t.regex(judge("sgdisk", "--verify", device), /No problems found/);
  },
);

/** A tree as other programs see it. */
function seen(device: string, root: string) {
  const { status, output: mounts } = ask("findmnt", "-J", "-l", "--submounts", "-o", "TARGET,FSTYPE", root);
  const partitions = judge("lsblk", "--noheadings", "--list", "--paths", "--output", "NAME", device).split("\n");
  const contents = partitions.flatMap(
    (path) => ask("blkid", "-p", "-s", "TYPE", "-s", "UUID", "-o", "value", path).output,
  );
  return {
    places: status === 0 ? placesIn(mounts.replaceAll(root, "/mnt")) : [],
    swaps: swapsBelow(root),
    contents: contents.map((text) => text.trim().split("\n").toReversed().join(" ")).filter((text) => text !== ""),
  };
}

function swapsBelow(root: string): string[] {
  const paths = judge("swapon", "--show=NAME", "--noheadings").split("\n");
  return paths.filter((path) => path.startsWith(`${root}/`)).toSorted();
}
