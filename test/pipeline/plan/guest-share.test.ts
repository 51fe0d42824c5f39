import test from "ava";
import { emptyInstallation } from "../../../src/bootloaders/installation.ts";
import type { DeviceTree } from "../../../src/devices/device-tree.ts";
import { presetTree } from "../../../src/devices/presets/presets.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { type Bytes, GiB } from "../../../src/base/units.ts";
import { identityFrom } from "../../../src/base/identity.ts";
import { emptyDirectory } from "../../../src/manifest/tree.ts";
import { type GuestShare, guestShareOf, type ShareOfDisks, shareOn } from "../../../src/pipeline/plan/guest-share.ts";
import { type ImagePlan, surveyImage } from "../../../src/pipeline/plan/image-plan.ts";
import { folderOwnership } from "../../../src/pipeline/plan/manifests.ts";
import type { Step } from "../../../src/steps/step.ts";
import { unbuildable } from "../../../src/pipeline/plan/buildable-tree.ts";
import { fixture, fixtureNames } from "../../steps/fixtures.ts";

const identity = identityFrom("a seed");

const passwords = new Map([["crypted", "/job/password"]]);

function planOf(tree: DeviceTree, size: Bytes | "auto" = "auto"): ImagePlan {
  const files = emptyDirectory(folderOwnership(1));
  const input = { tree, size, identity, time: 1, files, installation: emptyInstallation, versions: new Map() };
  return surveyImage(input).plan(0);
}

function shareOf(tree: DeviceTree): GuestShare & ShareOfDisks {
  const plan = planOf(tree);
  const source = { tree, identity, passwords };
  const share = guestShareOf(source, plan);
  return { ...share, ...shareOn(share, source, plan) };
}

function programs(steps: readonly Step[] = []): string[] {
  return steps.flatMap((step) => (step.kind === "commands" ? step.commands.map(({ argv }) => argv[0] ?? "") : []));
}

function preset(filesystem: "ext4" | "xfs"): DeviceTree {
  const names = {
    rootGpuid: "f222513b-ded1-49fa-b591-20ce86a2fe7f",
    rootFsuid: "f222513b-ded1-49fa-b591-20ce86a2fe7f",
  };
  const sizes = { bootSize: 256 * 1024 ** 2, sectorSize: 512 } as const;
  return presetTree({ partition: "efi", label: "nixos", filesystem, imageName: "nixos", ...names, ...sizes });
}

test("a root that only a kernel writes is made, filled and mounted, and the ESP beside it is left alone", (t) => {
  const share = shareOf(preset("xfs"));
  t.deepEqual(programs(share.make), ["mkfs.xfs"]);
  t.deepEqual(
    share.folders.map(({ mountpoint }) => mountpoint),
    ["/"],
  );
  t.is(programs(share.mountFilled).filter((program) => program === "mount").length, 1);
  t.is(programs(share.mountAll).filter((program) => program === "mount").length, 2, "for an installer, both");
  t.deepEqual(share.copies, []);
});

test("in a container the guest makes the container, and copies what the host has laid out", (t) => {
  const share = shareOf(fixture("luks-lvm"));
  const made = programs(share.make);
  for (const program of ["cryptsetup", "pvcreate", "vgcreate", "lvcreate", "mkswap"]) t.true(made.includes(program));
  t.is(made.filter((program) => program === "/vm/copy-blocks").length, 2, "the root and /home");
  for (const program of made) t.notRegex(program, /sgdisk|mkfs/);
  t.deepEqual(share.folders, []);
  t.deepEqual(share.mountFilled, []);
  t.deepEqual(
    share.copies.map(({ start }) => start % 1024 ** 2),
    [0, 0],
    "each begins on a whole MiB",
  );
});

test("the guest does not swap to what it makes", (t) => {
  t.false(programs(shareOf(fixture("luks-lvm")).mountAll).includes("swapon"));
});

test("subvolumes are filled outer mount points first", (t) => {
  const folders = shareOf(fixture("btrfs")).folders.map(({ mountpoint }) => mountpoint);
  t.deepEqual(folders.toSorted(), ["/", "/.swapvol", "/home", "/nix", "/partition-root"]);
  t.is(folders[0], "/");
});

test("halves that hold nothing but zeros are in step from the start", (t) => {
  const steps = shareOf(fixture("raid1")).make;
  const created = steps.flatMap((step) =>
    step.kind === "commands" ? step.commands.map(({ argv }) => argv.join(" ")) : [],
  );
  const arrays = created.filter((line) => line.startsWith("mdadm --create"));
  t.is(arrays.length, 2);
  for (const line of arrays) t.regex(line, / --assume-clean /);
});

test("shell lines of the user's run in a guest, also where the host lays everything out", (t) => {
  const content = { type: "filesystem", format: "ext4", mountpoint: "/", postCreateHook: "tune2fs -c 10 $device" };
  const share = shareOf(readDeviceTree({ disk: { main: { device: "/dev/sda", content } } }));
  t.deepEqual(
    share.make.map(({ kind, title }) => [kind, title]),
    [["hook", "postCreateHook of disk.main.content"]],
  );
});

// The members of the pool with a spare disk are smaller than a pool can be.
const names = fixtureNames.filter((name) => name !== "zfs-spare");
const built = names.map((name) => [name, fixture(name)] as const).filter(([, tree]) => unbuildable(tree).length === 0);

for (const [name, tree] of built) {
  test(`${name}: a share that was decided for one size holds for another, but for what names sizes`, (t) => {
    const source = { tree, identity, passwords };
    const [drafted, larger] = [planOf(tree, 10 * GiB), planOf(tree, 20 * GiB)];
    const [share, anew] = [guestShareOf(source, drafted), guestShareOf(source, larger)];
    const sized = { layout: anew.layout, make: anew.make };
    t.deepEqual({ ...share, ...sized }, anew);
    const [again, of] = [shareOn(share, source, larger), shareOn(anew, source, larger)];
    t.deepEqual(
      [again.make, again.folders, again.copies.map(({ start }) => start)],
      [of.make, of.folders, of.copies.map(({ start }) => start)],
    );
    t.is(again.copies.length, share.copied.length);
    t.is(shareOn(share, source, drafted).make, share.make);
  });
}

test("a thin volume that is a share of its pool grows with it", (t) => {
  const content = { type: "filesystem", format: "ext4", mountpoint: "/" };
  const thin = { size: "100%", lvm_type: "thinlv", pool: "thinpool", content };
  const lvs = { thinpool: { size: "80%", lvm_type: "thin-pool" }, root: thin };
  const disk = { main: { device: "/dev/vda", content: { type: "lvm_pv", vg: "pool" } } };
  const tree = readDeviceTree({ disk, lvm_vg: { pool: { lvs } } });
  const source = { tree, identity, passwords };
  const share = guestShareOf(source, planOf(tree, 10 * GiB));
  t.notDeepEqual(shareOn(share, source, planOf(tree, 20 * GiB)).make, share.make);
});
