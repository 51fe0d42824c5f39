import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { DeviceTree } from "../../src/devices/device-tree.ts";
import type { JobFile, JobStep } from "../../src/guest/job.ts";
import { chooseKernel } from "../../src/guest/kernel.ts";
import type { Disk } from "../../src/guest/qemu.ts";
import { runGuest } from "../../src/guest/run-guest.ts";
import { openToolbox } from "../../src/guest/toolbox/toolbox.ts";
import { identityFrom } from "../../src/layout/identity.ts";
import { MiB } from "../../src/layout/units.ts";
import { solveLayout } from "../../src/layout/solve.ts";
import { byteString } from "../../src/manifest/byte-string.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { isTool, type Tool } from "../../src/process/tools.ts";
import { modulesOf } from "../../src/steps/needed-modules.ts";
import { toolsOf } from "../../src/steps/needed-tools.ts";
import { renderScript } from "../../src/steps/render.ts";
import { treeSteps } from "../../src/steps/tree-steps.ts";
import { demoSystem } from "./mkimage.ts";
import { fixture } from "../steps/fixtures.ts";

// What only a kernel with dm, md and btrfs can show: the scripts of these trees run in one guest, with real tools.

const always = ["simple-efi", "luks", "lvm-on-luks", "raid1", "btrfs"] as const;
const long = ["lvm-raid", "lvm-thin", "btrfs-raid1-on-luks"] as const;
const isLong = process.env["MKIMAGE_LONG"] === "1";
const names = isLong ? [...always, ...long] : always;
const modes = ["format", "mount", "unmount", "destroy"] as const;
const diskSize = 1024 * MiB;
const kernelDisks = ["/dev/vda", "/dev/vdb", "/dev/vdc"];

/** The disks of a tree in the order of their names are the guest's disks. */
function setting(tree: DeviceTree) {
  const keys = Object.keys(tree.disk).toSorted();
  const devices = Object.fromEntries(keys.map((key, index) => [key, kernelDisks[index] ?? ""]));
  const identity = identityFrom("a seed");
  const sizes = Object.fromEntries(keys.map((key) => [key, diskSize]));
  return { root: "/mnt", devices, identity, layout: solveLayout(tree, { identity, needs: () => 0, sizes }) };
}

/** Everything that the issue asks of a tree, one after the other; what other programs say is kept. */
const cycle = `set -eu
export PATH=/toolbox/bin:/bin
[ -S /run/udev/control ] || export DM_DISABLE_UDEV=1
name=$1
does() { echo "$name $1 $(cut -d " " -f 1 /proc/uptime)"; bash "/job/trees/$name.$1"; }
said() {
  kept=/results/files/$name
  mkdir -p "$kept"
  lsblk -J -b -o NAME,TYPE,SIZE >"$kept/lsblk.$1"
  findmnt -rn -o TARGET,FSTYPE,SOURCE | grep -E '^/mnt' | sort >"$kept/mounts.$1" || true
  swapon --show=NAME --noheadings >"$kept/swap.$1"
  sfdisk -J /dev/vda >"$kept/table.$1" 2>/dev/null || true
  for one in /dev/vda* /dev/vdb* /dev/vdc* /dev/mapper/* /dev/md/*; do
    # The node of an array that was stopped may stay behind.
    case $one in /dev/md/*) mdadm --detail "$one" >/dev/null 2>&1 || continue ;; esac
    [ ! -b "$one" ] || echo "$one" $(blkid -p -s TYPE -o value "$one")
  done >"$kept/types.$1"
}
does format; does mount; said first
does mount; said again
echo kept >/mnt/file
lvs --noheadings --separator ' ' -o lv_name,vg_name,segtype >"$kept/lvs" 2>/dev/null
for array in /dev/md/*; do [ ! -b "$array" ] || mdadm --detail "$array"; done >"$kept/mdadm" 2>/dev/null
for one in /dev/vda2 /dev/vda1; do cryptsetup luksDump "$one" || true; done >"$kept/luks" 2>/dev/null
btrfs subvolume list /mnt >"$kept/subvolumes" 2>/dev/null || true
does unmount; said unmounted
does mount; [ "$(cat /mnt/file)" = kept ]
does unmount
does format; does mount; [ "$(cat /mnt/file)" = kept ]; said formatted
does destroy; said destroyed
does format; does mount; [ ! -e /mnt/file ]; said anew
does destroy
# No udev takes these links away.
rm -rf /dev/md
`;

const judges: readonly Tool[] = [
  "bash",
  "lsblk",
  "findmnt",
  "swapon",
  "sfdisk",
  "blkid",
  "lvs",
  "mdadm",
  "cryptsetup",
  "btrfs",
  "wipefs",
];

const folder = mkdtempSync(join(tmpdir(), "mkimage-disko-"));
let results: DirectoryInode;

test.before(async () => {
  const trees = names.map((name) => ({ name, tree: fixture(name) }));
  const scripts = trees.flatMap(({ name, tree }) =>
    modes.map((mode) => ({ name, mode, steps: treeSteps(mode, tree, setting(tree)) })),
  );
  const tools = [...new Set([...judges, ...scripts.flatMap(({ steps }) => toolsOf(steps))])].filter(isTool);
  const modules = [...new Set(trees.flatMap(({ tree }) => modulesOf(tree)))];
  const toolbox = await openToolbox(tools, { architecture: "x86_64", workFolder: folder });
  const file = (path: string, text: string): JobFile => ({ path: byteString(path), bytes: Buffer.from(text) });
  const key: JobStep = {
    title: "make keys",
    argv: ["sh", "-c", "echo secret >/tmp/secret.key; echo more >/tmp/additional.key"],
  };
  const job = {
    steps: [
      ...toolbox.steps,
      key,
      ...names.map((name) => ({ title: name, argv: ["/toolbox/bin/bash", "/job/cycle", name] })),
    ],
    files: [
      file("cycle", cycle),
      ...scripts.map(({ name, mode, steps }) => file(`trees/${name}.${mode}`, renderScript(steps))),
    ],
    modules: [...toolbox.modules, ...modules],
  };
  const kernel = chooseKernel({ toplevel: demoSystem("none"), needs: [] });
  const disks = [...["a", "b", "c"].map(emptyDisk), toolbox.disk];
  const places = {
    logPath: process.env["MKIMAGE_LOG"] ?? join(folder, "log"),
    resultsPath: join(folder, "results"),
    deadlineSeconds: 600,
  };
  const guest = { architecture: "x86_64", acceleration: "tcg", kernel, disks } as const;
  ({ results } = await runGuest(guest, job, places));
});

test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function emptyDisk(name: string): Disk {
  const path = join(folder, `disk-${name}`);
  writeFileSync(path, "");
  truncateSync(path, diskSize);
  return { path, format: "raw", serial: `disk-${name}`, access: "scratch" };
}

function said(t: ExecutionContext, name: string, what: string): string {
  const inode = lookUp(results, byteString(`files/${name}/${what}`));
  if (inode?.type !== "file") return t.fail(`${name} said nothing about ${what}`) as never;
  return contentOf(inode).toString().trim();
}

/** What is mounted: place, filesystem, and device with its subvolume. */
const mounts: Readonly<Record<(typeof always)[number] | (typeof long)[number], readonly string[]>> = {
  "simple-efi": ["/mnt ext4 /dev/vda3", "/mnt/boot vfat /dev/vda1"],
  luks: ["/mnt ext4 /dev/mapper/crypted", "/mnt/boot vfat /dev/vda1"],
  "lvm-on-luks": [
    "/mnt ext4 /dev/mapper/pool-root",
    "/mnt/boot ext4 /dev/vda1",
    "/mnt/home ext4 /dev/mapper/pool-home",
  ],
  "lvm-raid": ["/mnt ext4 /dev/mapper/pool-root", "/mnt/home ext4 /dev/mapper/pool-home"],
  "lvm-thin": ["/mnt ext4 /dev/mapper/pool-root"],
  raid1: ["/mnt ext4 /dev/md127", "/mnt/boot ext4 /dev/md127"],
  btrfs: ["/", "/.swapvol", "/home", "/nix", "/partition-root"].map(
    (place) => `/mnt${place === "/" ? "" : place} btrfs /dev/vda1`,
  ),
  "btrfs-raid1-on-luks": ["/mnt btrfs /dev/mapper/p1"],
};

/** Arrays and the devices of btrfs may be called by any of their numbers and names. */
function plain(mount: string): string {
  return mount
    .replace(/\[.*\]$/, "")
    .replace(/md\d+$/, "md127")
    .replace(/p2$/, "p1");
}

for (const name of names) {
  test(`${name}: mounted as planned, mounted again with no change, unmounted without a rest`, (t) => {
    const first = said(t, name, "mounts.first");
    for (const when of ["first", "formatted", "anew"])
      t.deepEqual(said(t, name, `mounts.${when}`).split("\n").map(plain), mounts[name]);
    t.is(said(t, name, "mounts.again"), first);
    for (const what of ["lsblk", "types", "table", "swap"])
      t.is(said(t, name, `${what}.again`), said(t, name, `${what}.first`));
    t.is(said(t, name, "mounts.unmounted"), "");
    t.is(said(t, name, "swap.unmounted"), "");
    t.false(/"(crypt|lvm|raid\d)"/.test(said(t, name, "lsblk.unmounted")), "everything is closed");
  });

  test(`${name}: destroyed, its disks hold nothing, and made anew they are alike`, (t) => {
    t.deepEqual(said(t, name, "types.destroyed").split("\n"), kernelDisks);
    t.is(said(t, name, "types.anew"), said(t, name, "types.first"));
    t.is(said(t, name, "table.anew"), said(t, name, "table.first"), "the same seed, the same UUIDs");
  });
}

test("partitions are where the layout has them", (t) => {
  for (const name of ["simple-efi", "luks", "lvm-on-luks", "raid1", "btrfs"] as const) {
    const planned = setting(fixture(name)).layout.disks[0]?.table?.partitions.map(({ first, last }) => [
      first,
      last - first + 1,
    ]);
    const table = JSON.parse(said(t, name, "table.first")) as {
      partitiontable: { partitions: { start: number; size: number }[] };
    };
    t.deepEqual(
      table.partitiontable.partitions.map(({ start, size }) => [start, size]),
      planned ?? [],
      name,
    );
  }
});

test("swap is switched on, be it a partition, a volume or a file", (t) => {
  t.is(said(t, "simple-efi", "swap.first"), "/dev/vda2");
  t.regex(said(t, "lvm-on-luks", "swap.first"), /^\/dev\/(dm-\d+|mapper\/pool-swap)$/);
  t.deepEqual(said(t, "btrfs", "swap.first").split("\n").toSorted(), [
    "/mnt/.swapvol/rel-path",
    "/mnt/.swapvol/swapfile",
    "/mnt/partition-root/swapfile",
  ]);
});

test("LUKS has the seed's UUID, both keys, and the flags that were asked for", (t) => {
  const dump = said(t, "luks", "luks");
  const { layout } = setting(fixture("luks"));
  const content = layout.disks[0]?.table?.partitions[1]?.content;
  t.true(content?.kind === "luks" && dump.includes(`UUID:          \t${content.uuid}`), dump);
  t.regex(dump, /Flags: +\tallow-discards/);
  t.regex(dump, /1: luks2/);
});

test("logical volumes have the types that the tree gives them", (t) => {
  t.deepEqual(volumes(t, "lvm-on-luks"), ["home pool linear", "root pool linear", "swap pool linear"]);
  if (!isLong) return;
  t.deepEqual(volumes(t, "lvm-raid"), ["home pool raid0", "root pool mirror"]);
  t.deepEqual(volumes(t, "lvm-thin"), ["data pool linear", "root pool thin", "thinpool pool thin-pool"]);
});

test("arrays have the level, the metadata and the members of the tree", (t) => {
  const detail = said(t, "raid1", "mdadm");
  t.deepEqual(
    [...detail.matchAll(/Raid Level : (\S+)/g)].map(([, level]) => level),
    ["raid1", "raid1"],
  );
  t.deepEqual(
    [...detail.matchAll(/Version : (\S+)/g)].map(([, version]) => version),
    ["1.0", "1.2"],
  );
  t.is(detail.match(/active sync/g)?.length, 4);
});

test("btrfs has every subvolume, also the one that is mounted nowhere", (t) => {
  const paths = [...said(t, "btrfs", "subvolumes").matchAll(/ path (\S+)$/gm)].map(([, path]) => path);
  t.deepEqual(paths.toSorted(), ["home", "home/user", "nix", "rootfs", "swap"]);
});

function volumes(t: ExecutionContext, name: string): string[] {
  return said(t, name, "lvs")
    .split("\n")
    .map((line) => line.trim())
    .toSorted();
}
