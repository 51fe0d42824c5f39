import test from "ava";
import { emptyInstallation } from "../../../src/bootloaders/installation.ts";
import type { DeviceTree } from "../../../src/devices/device-tree.ts";
import { presetTree } from "../../../src/devices/presets/presets.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { identityFrom } from "../../../src/base/identity.ts";
import { emptyDirectory } from "../../../src/manifest/tree.ts";
import { guestShareOf } from "../../../src/pipeline/plan/guest-share.ts";
import { surveyImage } from "../../../src/pipeline/plan/image-plan.ts";
import { folderOwnership } from "../../../src/pipeline/plan/manifests.ts";
import type { Step } from "../../../src/steps/step.ts";
import { fixture } from "../../steps/fixtures.ts";

const identity = identityFrom("a seed");

function shareOf(tree: DeviceTree) {
  const files = emptyDirectory(folderOwnership(1));
  const input = { tree, size: "auto", additionalSpace: 0, identity, time: 1, files, installation: emptyInstallation };
  const plan = surveyImage({ ...input, size: "auto", versions: new Map() }).plan(input.additionalSpace);
  return guestShareOf({ tree, identity, passwords: new Map([["crypted", "/job/password"]]) }, plan);
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
  t.deepEqual(programs(share?.make), ["mkfs.xfs"]);
  t.deepEqual(
    share?.folders.map(({ mountpoint }) => mountpoint),
    ["/"],
  );
  t.is(programs(share?.mountFilled).filter((program) => program === "mount").length, 1);
  t.is(programs(share?.mountAll).filter((program) => program === "mount").length, 2, "for an installer, both");
  t.deepEqual(share?.copies, []);
});

test("in a container the guest makes the container, and copies what the host has laid out", (t) => {
  const share = shareOf(fixture("luks-lvm"));
  const made = programs(share?.make);
  for (const program of ["cryptsetup", "pvcreate", "vgcreate", "lvcreate", "mkswap"]) t.true(made.includes(program));
  t.is(made.filter((program) => program === "/vm/copy-blocks").length, 2, "the root and /home");
  for (const program of made) t.notRegex(program, /sgdisk|mkfs/);
  t.deepEqual(share?.folders, []);
  t.deepEqual(share?.mountFilled, []);
  t.deepEqual(
    share?.copies.map(({ start }) => start % 1024 ** 2),
    [0, 0],
    "each begins on a whole MiB",
  );
});

test("the guest does not swap to what it makes", (t) => {
  t.false(programs(shareOf(fixture("luks-lvm"))?.mountAll).includes("swapon"));
});

test("subvolumes are filled outer mount points first", (t) => {
  const folders = shareOf(fixture("btrfs"))?.folders.map(({ mountpoint }) => mountpoint) ?? [];
  t.deepEqual(folders.toSorted(), ["/", "/.swapvol", "/home", "/nix", "/partition-root"]);
  t.is(folders[0], "/");
});

test("halves that hold nothing but zeros are in step from the start", (t) => {
  const steps = shareOf(fixture("raid1"))?.make ?? [];
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
    share?.make.map(({ kind, title }) => [kind, title]),
    [["hook", "postCreateHook of disk.main.content"]],
  );
});
