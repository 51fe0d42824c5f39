import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { GiB, MiB } from "../../src/base/units.ts";
import { deployTo, deployToNew } from "./deploy-command.ts";
import { demoSystem, mkimage, type Run, runMkimage, testFolder } from "./mkimage.ts";
import { makeKeys } from "./target-files.ts";
import { startTarget, type TargetMachine, type TargetOptions } from "./target-machine.ts";
import { isLong } from "../together/is-long.ts";

// Machines that run something else become systems, and are asked over SSH what they run then.

const project = join(import.meta.dirname, "../..");
const tree = (name: string) => ["--devices", join(project, `fixtures/devices/boot-${name}.json`)];
const keyFile = ["--pre-format-files", join(project, "fixtures/system/crypto_keyfile.bin"), "/crypto_keyfile.bin"];

interface Case {
  readonly target: TargetOptions;
  readonly system: string;
  readonly words: readonly string[];
  /** A disk that is full of something else where the new system has nothing: that stays. */
  readonly used?: string;
  /** A disk that is full of something else in all of it, and what is on it has another half. */
  readonly mirrored?: string;
}

/** A size for disks that are read back to their end, as members of arrays are: an emulated processor takes a minute for some GiB. */
const small = GiB;
const onFirst = ["--disk", "main", "/dev/vda"];

const always: Readonly<Record<string, Case>> = {
  "ext4, EFI and systemd-boot, with 512 MiB of memory": {
    target: { firmware: "efi", memory: 512 * MiB },
    system: "systemd-boot-ssh",
    words: ["--partition", "efi"],
  },
};

const long: Readonly<Record<string, Case>> = {
  "BIOS and GRUB, by a user with sudo": {
    target: { user: "admin" },
    system: "grub-ssh",
    words: ["--partition", "legacy+gpt"],
  },
  "a container of LUKS, at an address beside no gateway": {
    target: { firmware: "efi", network: "on-link" },
    system: "luks-ssh",
    words: [...tree("luks"), ...onFirst, ...keyFile],
  },
  "LVM on LUKS, from BusyBox": {
    target: { firmware: "efi", system: "busybox" },
    system: "lvm-on-luks-ssh",
    words: [...tree("lvm-on-luks"), ...onFirst, ...keyFile],
  },
  "subvolumes of btrfs, on NVMe": {
    target: { firmware: "efi", controller: "nvme" },
    system: "btrfs-subvolumes-ssh",
    words: [...tree("btrfs-subvolumes"), "--disk", "main", "/dev/nvme0n1"],
    used: "/dev/nvme0n1",
  },
  "volumes of LVM": {
    target: { firmware: "efi" },
    system: "lvm-ssh",
    words: [...tree("lvm"), ...onFirst],
    used: "/dev/vda",
  },
  "an array of two disks": {
    target: { firmware: "efi", disks: [small, small] },
    system: "raid1-ssh",
    words: [...tree("raid1"), "--disk", "one", "/dev/vda", "two", "/dev/vdb"],
    mirrored: "/dev/vdb",
  },
};

/** Behind the old system, and where the new one has no metadata. */
const usedPlace = { first: 1300, count: 128 };

for (const [name, { target: options, system, words, used, mirrored }] of Object.entries({
  ...always,
  ...(isLong ? long : {}),
})) {
  test.serial(`a machine without Nix and kexec becomes one of ${name}`, async (t) => {
    const target = await startTarget(t, options);
    await target.answers();
    const { first, count } = usedPlace;
    if (used !== undefined)
      await target.ssh(`yes | dd of=${used} bs=1M seek=${first} count=${count} iflag=fullblock conv=notrunc,fsync`);
    if (mirrored !== undefined) await target.ssh(`yes | dd of=${mirrored} bs=1M iflag=fullblock || sync`);
    const run = await mkimage(t, [...deployTo(target, system, words), "--yes-wipe-all-disks"]);
    t.log(run.stdout);
    t.regex(run.stdout, new RegExp(`runs ${demoSystem(system)}, up for`));
    // The new system has no other user.
    t.is((await target.ssh("readlink /run/current-system", "root")).trim(), demoSystem(system));
    if (used !== undefined)
      t.is(await target.ssh(`dd if=${used} bs=1M skip=${first + count / 2} count=1 | head -c 4`, "root"), "y\ny\n");
    if (mirrored !== undefined) await isInStep(t, target);
  });
}

/** A mirror of which little was sent brings its halves into step by itself, and then they are the same everywhere. */
async function isInStep(t: ExecutionContext, target: TargetMachine): Promise<void> {
  const idle = 'cd /sys/block/md*/md && until [ "$(cat sync_action)" = idle ]; do sleep 1; done';
  t.regex(await target.ssh("dmesg", "root"), /md: resync of RAID array/);
  await target.ssh(`${idle}; echo check >sync_action; ${idle}`, "root");
  t.is((await target.ssh("cat /sys/block/md*/md/mismatch_cnt", "root")).trim(), "0");
}

if (isLong) {
  test.serial("a machine of QEMU's that is made for it becomes a system, up to its answer", async (t) => {
    const folder = testFolder(t);
    makeKeys(folder);
    const words = deployToNew(join(folder, "key"), folder, "systemd-boot-ssh", ["--partition", "efi"]);
    const run = await mkimage(t, words);
    t.log(run.stderr, run.stdout);
    t.regex(run.stdout, new RegExp(`runs ${demoSystem("systemd-boot-ssh")}, up for`));
    t.notRegex(run.stderr, /makes its host keys when it first starts/);
  });
}

/** A deployment that is refused, of a target that stays what it is. */
async function isRefused(t: ExecutionContext, target: TargetMachine, words: readonly string[]): Promise<Run> {
  const boot = await target.ssh("cat /proc/sys/kernel/random/boot_id");
  const run = await runMkimage([...words]);
  t.is(run.exitCode, 14, run.stderr);
  t.regex(run.stderr, /nothing was changed/);
  t.is(await target.ssh("cat /proc/sys/kernel/random/boot_id"), boot);
  return run;
}

test.serial("a machine that does not suit is told all that speaks against it, and goes on as it was", async (t) => {
  const target = await startTarget(t, { system: "busybox", controller: "virtio-scsi" });
  await target.answers();
  const consent = ["--yes-wipe-all-disks"];
  const withoutDriver = deployTo(target, "systemd-boot-ssh-without-scsi", [
    "--partition",
    "efi",
    "--disk",
    "main",
    "/dev/sda",
  ]);
  const { stderr } = await isRefused(t, target, [...withoutDriver, ...consent]);
  t.regex(stderr, /started by EFI, and the machine was started by BIOS/);
  t.regex(stderr, /initrd/);
  const elsewhere = deployTo(target, "grub-ssh", ["--partition", "legacy", "--disk", "main", "/dev/vdz"]);
  t.regex(
    (await isRefused(t, target, [...elsewhere, ...consent])).stderr,
    /\/dev\/vdz, which the machine does not have/,
  );
  const unasked = deployTo(target, "grub-ssh", ["--partition", "legacy"]);
  t.regex((await isRefused(t, target, unasked)).stderr, /was not confirmed/);
  const dry = await mkimage(t, [...unasked, "--dry-run"]);
  t.regex(dry.stdout, /target-0[^]*would be laid out anew/);
});
