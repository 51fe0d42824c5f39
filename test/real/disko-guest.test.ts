import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { chooseKernel } from "../../src/guest/kernel.ts";
import { compareTable } from "../../src/partitions/compare-table.ts";
import { tableFactsFrom } from "../../src/partitions/read-table.ts";
import { fixture } from "../steps/fixtures.ts";
import { type Cycle, kernelDisks, runCycles, type Said, settingOf } from "./disko-cycle.ts";
import { type Mounted, mountsIn, placesIn, plannedPlaces } from "./disko-mounts.ts";
import { demoSystem } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

// What only a kernel with dm, md and more filesystems can show: the scripts of device trees run in a guest, with real
// tools, and what other programs say there is held against the plan.

/** In CI, disko-here.test.ts has those that the kernel of this machine can do. */
const always: readonly Cycle[] = [{ name: "lvm-on-luks" }, { name: "raid5-table" }];
const long: readonly Cycle[] = [
  { name: "btrfs" },
  { name: "hybrid" },
  { name: "tmpfs-root", place: "/mnt/nix" },
  { name: "simple-efi" },
  { name: "raid0" },
  { name: "hostile-names", place: "/mnt/with space/'quote'" },
  { name: "raid1" },
  { name: "luks" },
  { name: "luks-typed", typed: "a \"pass\" 'word'  $HOME" },
  { name: "lvm-raid" },
  { name: "lvm-thin" },
  { name: "btrfs-swap-on-luks" },
  { name: "btrfs-raid1-on-luks" },
  { name: "long-device-name" },
  { name: "msdos" },
  { name: "table-gpt" },
  { name: "luks-on-raid1" },
  { name: "btrfs-disks" },
  { name: "separate-disks" },
  { name: "layers" },
];
/** The demo system's kernel has no f2fs. */
const generic: readonly Cycle[] = [{ name: "f2fs-xfs" }];
const cycles = isLong ? [...always, ...long, ...generic] : always;
const names = cycles.map(({ name }) => name);

const folder = mkdtempSync(join(tmpdir(), "mkimage-disko-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
const guests: { readonly names: readonly string[]; readonly answers: Said }[] = [];

test.before(async () => {
  await runIn("demo", demoSystem("none"), isLong ? [...always, ...long] : always);
  if (isLong) await runIn("generic", execFileSync("fixtures/kernel", { encoding: "utf8" }).trim(), generic);
});

async function runIn(name: string, kernelFolder: string, some: readonly Cycle[]): Promise<void> {
  const place = join(folder, name);
  mkdirSync(place);
  const kernel = chooseKernel({ vmKernel: kernelFolder, needs: [] });
  const answers = await runCycles(some, { folder: place, kernel, deadlineSeconds: isLong ? 7200 : 900 });
  guests.push({ names: some.map((cycle) => cycle.name), answers });
}

function said(t: ExecutionContext, name: string, what: string): string {
  const text = guests.find((guest) => guest.names.includes(name))?.answers(name, what);
  return text ?? (t.fail(`${name} said nothing about ${what}`) as never);
}

/** The mounts of a tree. */
function mountsOf(t: ExecutionContext, name: string, moment: string): Mounted[] {
  return mountsIn(said(t, name, `mounts.${moment}`));
}

for (const name of names) {
  test(`${name}: mounted as planned, mounted again with no change, unmounted without a rest`, (t) => {
    for (const moment of ["first", "formatted", "anew"])
      t.deepEqual(placesIn(said(t, name, `mounts.${moment}`)), plannedPlaces(name), moment);
    for (const what of ["mounts", "lsblk", "contents", "swap"])
      t.is(said(t, name, `${what}.again`), said(t, name, `${what}.first`), what);
    t.deepEqual(mountsOf(t, name, "unmounted"), []);
    t.is(said(t, name, "swap.unmounted"), "");
    t.false(/"(crypt|lvm|raid\d)"/.test(said(t, name, "lsblk.unmounted")), "everything is closed");
  });

  test(`${name}: the partition tables are the planned ones, before and after`, (t) => {
    const { layout, devices } = settingOf(fixture(name));
    for (const { name: key, table } of layout.disks) {
      const disk = devices[key] ?? t.fail(`${key} has no device`);
      for (const moment of ["first", "formatted", "anew"]) {
        const json = said(t, name, `table.${disk.slice("/dev/".length)}.${moment}`);
        if (table === null) t.is(json, "", `${disk} has no table`);
        else t.deepEqual(compareTable(table, tableFactsFrom(json, disk)), []);
      }
    }
  });

  test(`${name}: filesystems have the planned types, UUIDs and labels`, (t) => {
    for (const { format, uuid, label } of settingOf(fixture(name)).layout.filesystems) {
      if (uuid === null) return t.fail(`${format} draws its UUID, and no tree here has such a filesystem`);
      const line = said(t, name, "contents.first")
        .split("\n")
        .find((one) => one.includes(` UUID=${uuid} `) || one.includes(` UUID=${uuid.toUpperCase()} `));
      t.regex(line ?? "", new RegExp(` TYPE=${format}( |$)`), `${format} ${uuid}`);
      if (label !== null) t.true(line?.replaceAll("\\", "").includes(` LABEL=${label} `), line);
    }
  });

  test(`${name}: destroyed, its disks hold nothing, and made anew they are alike`, (t) => {
    t.deepEqual(
      said(t, name, "contents.destroyed")
        .split("\n")
        .map((line) => line.trim()),
      kernelDisks,
    );
    t.is(said(t, name, "contents.anew"), said(t, name, "contents.first"), "the same seed, the same UUIDs");
  });
}

/** A test of what only one tree has, where that one runs. */
function testOf(name: string, title: string, check: (t: ExecutionContext) => void): void {
  if (names.includes(name)) test(`${name}: ${title}`, check);
}

testOf("simple-efi", "swap is switched on with its priority", (t) => {
  t.regex(said(t, "simple-efi", "swap.first"), /^\/dev\/vda2 +5$/);
});

testOf("lvm-on-luks", "swap is switched on in a volume, and volumes that take a rest come last", (t) => {
  t.regex(said(t, "lvm-on-luks", "swap.first"), /^\/dev\/(dm-\d+|mapper\/pool-swap) /);
  t.deepEqual(volumes(t, "lvm-on-luks"), ["home pool linear", "root pool linear", "swap pool linear"]);
  t.like(groups(t, "lvm-on-luks"), [{ vg_name: "pool", pv_count: "1", lv_count: "3" }]);
});

testOf("btrfs", "has every subvolume, also the one that is mounted nowhere, and all its swap files", (t) => {
  const paths = [...said(t, "btrfs", "btrfs").matchAll(/ path (\S+)$/gm)].map(([, path]) => path);
  t.deepEqual(paths.filter((path) => !path?.startsWith("/dev/")).toSorted(), [
    "home",
    "home/user",
    "nix",
    "rootfs",
    "swap",
  ]);
  t.deepEqual(swaps(t, "btrfs"), ["/mnt/.swapvol/rel-path", "/mnt/.swapvol/swapfile", "/mnt/partition-root/swapfile"]);
});

testOf("luks", "has the seed's UUID, both keys, and the flags that were asked for", (t) => {
  const dump = said(t, "luks", "luks");
  const { layout } = settingOf(fixture("luks"));
  const content = layout.disks[0]?.table?.partitions[1]?.content;
  t.true(content?.kind === "container" && dump.includes(`UUID:          \t${content.uuid}`), dump);
  t.regex(dump, /Flags: +\tallow-discards/);
  t.regex(dump, /1: luks2/);
});

testOf("luks-typed", "both containers open by what was typed twice alike, and not by what was mistyped", (t) => {
  t.deepEqual(said(t, "luks-typed", "opening").split("\n"), [
    "a \"pass\" 'word'  $HOME opens /dev/vda1",
    "a \"pass\" 'word'  $HOME opens /dev/vda2",
  ]);
  t.is(said(t, "luks-typed", "luks").match(/^ {2}\d: luks2$/gm)?.length, 2, "the key of the file has a slot too");
});

testOf("raid1", "arrays have the level, the metadata and the members of the tree", (t) => {
  t.deepEqual(arrayFacts(t, "raid1", /Raid Level : (\S+)/g), ["raid1", "raid1"]);
  t.deepEqual(arrayFacts(t, "raid1", /Version : (\S+)/g), ["1.0", "1.2"]);
  t.is(said(t, "raid1", "mdadm").match(/active sync/g)?.length, 4);
});

testOf("raid0", "the array has its chunks, and the filesystem its quota", (t) => {
  t.deepEqual(arrayFacts(t, "raid0", /Raid Level : (\S+)/g), ["raid0"]);
  t.deepEqual(arrayFacts(t, "raid0", /Chunk Size : (\S+)/g), ["64K"]);
  t.regex(mountsOf(t, "raid0", "first").find(({ target }) => target === "/mnt")?.options ?? "", /(^|,)prjquota(,|$)/);
});

testOf("raid0", "a partition for the BIOS comes first with its attributes, what takes the rest comes last", (t) => {
  const { partitiontable } = JSON.parse(said(t, "raid0", "table.vda.first")) as {
    partitiontable: { partitions: Entry[] };
  };
  t.deepEqual(
    partitiontable.partitions.map(({ name, attrs }) => [name, attrs ?? ""]),
    [
      ["disk-one-bios", "RequiredPartition LegacyBIOSBootable"],
      ["disk-one-boot files", ""],
      ["disk-one-all the rest", ""],
    ],
  );
});

testOf("raid5-table", "the array has its level, its chunks and all three members", (t) => {
  t.deepEqual(arrayFacts(t, "raid5-table", /Raid Level : (\S+)/g), ["raid5"]);
  t.deepEqual(arrayFacts(t, "raid5-table", /Chunk Size : (\S+)/g), ["64K"]);
  t.is(said(t, "raid5-table", "mdadm").match(/active sync/g)?.length, 3);
  t.regex(mountsOf(t, "raid5-table", "first")[0]?.source ?? "", /^\/dev\/md\d+p1$/);
});

testOf("hybrid", "the MBR has the partitions that want it, with their types, and then the protective entry", (t) => {
  const { partitiontable } = JSON.parse(said(t, "hybrid", "mbr")) as { partitiontable: { partitions: Entry[] } };
  t.deepEqual(
    partitiontable.partitions.map(({ type, bootable }) => [type, bootable === true]),
    [
      ["c", false],
      ["ef", true],
      ["ee", false],
    ],
  );
});

testOf("tmpfs-root", "what is unformatted is empty, and ends before the space that is left free", (t) => {
  t.regex(said(t, "tmpfs-root", "contents.first"), /^\/dev\/vda2 *$/m);
  const options = mountsOf(t, "tmpfs-root", "first").find(({ target }) => target === "/mnt")?.options ?? "";
  t.regex(options, /size=204800k/);
});

testOf("hostile-names", "a container whose name has blanks and quotes is open, with a volume group in it", (t) => {
  t.regex(said(t, "hostile-names", "contents.first"), /^\/dev\/mapper\/the\\x20luks\\x27 .*TYPE=LVM2_member/m);
  t.deepEqual(volumes(t, "hostile-names"), ["l.v+1 +v.g_1-x linear"]);
});

testOf("lvm-raid", "volumes are mirrors and stripes as the tree has them", (t) => {
  t.deepEqual(volumes(t, "lvm-raid"), ["home pool raid0", "root pool mirror"]);
  t.like(groups(t, "lvm-raid"), [{ vg_name: "pool", pv_count: "2" }]);
});

testOf("lvm-thin", "a thin volume is in its pool", (t) => {
  t.deepEqual(volumes(t, "lvm-thin"), ["data pool linear", "root pool thin", "thinpool pool thin-pool"]);
});

testOf("btrfs-swap-on-luks", "the swap file in a subvolume of an encrypted disk is in use", (t) => {
  t.regex(said(t, "btrfs-swap-on-luks", "swap.first"), /^\/mnt\/\.swap\/file +7$/);
});

testOf("btrfs-raid1-on-luks", "both containers are devices of one filesystem", (t) => {
  t.regex(said(t, "btrfs-raid1-on-luks", "btrfs"), /Total devices 2/);
  t.is(said(t, "btrfs-raid1-on-luks", "luks").match(/LUKS header information/g)?.length, 2);
});

testOf("luks-on-raid1", "the container lies on the array, and the filesystem in it", (t) => {
  t.deepEqual(arrayFacts(t, "luks-on-raid1", /Raid Level : (\S+)/g), ["raid1"]);
  t.regex(said(t, "luks-on-raid1", "contents.first"), /^\/dev\/md\/raid1 .*TYPE=crypto_LUKS/m);
  t.is(mountsOf(t, "luks-on-raid1", "first")[0]?.source, "/dev/mapper/crypted");
});

testOf("btrfs-disks", "a lent partition, the tree's own and a whole disk are devices of one filesystem", (t) => {
  const paths = [...said(t, "btrfs-disks", "btrfs").matchAll(/ path (\/dev\/\S+)$/gm)].map(([, path]) => path);
  t.deepEqual(paths.toSorted(), ["/dev/vda1", "/dev/vdb1", "/dev/vdc"]);
});

testOf("separate-disks", "a filesystem and swap fill disks without a table", (t) => {
  t.regex(said(t, "separate-disks", "swap.first"), /^\/dev\/vdc +9$/);
  t.is(mountsOf(t, "separate-disks", "first").find(({ target }) => target === "/mnt/home")?.source, "/dev/vda");
});

testOf("layers", "volumes in the container hold ext4, swap, and btrfs with all its subvolumes", (t) => {
  t.deepEqual(volumes(t, "layers"), ["data pool linear", "root pool linear", "swap pool linear"]);
  t.regex(said(t, "layers", "swap.first"), /^\/dev\/(dm-\d+|mapper\/pool-swap) /);
  const paths = [...said(t, "layers", "btrfs").matchAll(/ path ([^/\s]\S*)$/gm)].map(([, path]) => path);
  t.deepEqual(paths.toSorted(), ["home", "log", "user"], "as seen from the one that is mounted first");
});

interface Entry {
  readonly name?: string;
  readonly type: string;
  readonly attrs?: string;
  readonly bootable?: boolean;
}

function volumes(t: ExecutionContext, name: string): string[] {
  const { report } = JSON.parse(said(t, name, "lvs")) as { report: { lv: Record<string, string>[] }[] };
  return (report[0]?.lv ?? [])
    .map((volume) => `${volume["lv_name"]} ${volume["vg_name"]} ${volume["segtype"]}`)
    .toSorted();
}

function groups(t: ExecutionContext, name: string): Record<string, string>[] {
  return (JSON.parse(said(t, name, "vgs")) as { report: { vg: Record<string, string>[] }[] }).report[0]?.vg ?? [];
}

function arrayFacts(t: ExecutionContext, name: string, words: RegExp): (string | undefined)[] {
  return [...said(t, name, "mdadm").matchAll(words)].map(([, fact]) => fact);
}

function swaps(t: ExecutionContext, name: string): (string | undefined)[] {
  return said(t, name, "swap.first")
    .split("\n")
    .map((line) => line.split(/ +/)[0])
    .toSorted();
}
