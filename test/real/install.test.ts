import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { bootDemo } from "./boot-demo.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";
import { demoSystem, mkimage, runMkimage } from "./mkimage.ts";

// `mkimage install` on this machine, as root, on loop devices. What needs a kernel with FAT is in install-guest.test.ts.

const MiB = 2 ** 20;

const filesystem = (format: string, mountpoint: string, label?: string) => ({
  type: "filesystem",
  format,
  mountpoint,
  label,
});
const extlinuxDisk = {
  type: "table",
  format: "msdos",
  partitions: [
    {
      start: "1MiB",
      "fs-type": "ext4",
      bootable: true,
      content: { ...filesystem("ext4", "/", "nixos"), extraArgs: ["-O", "^64bit"] },
    },
  ],
};

/** A loop device, a tree for it in a file under another name, and a folder with a difficult name. */
function scene(t: ExecutionContext, content: object, size = 512 * MiB) {
  const { path: device, file: image } = loopDevice(t, { size });
  const folder = temporaryFolder(t);
  const root = join(folder, "it's the root");
  const tree = join(folder, "disk.json");
  mkdirSync(root);
  writeFileSync(tree, JSON.stringify({ disk: { main: { device: "/dev/disk/by-id/of-another-machine", content } } }));
  t.teardown(() => {
    while (ask("findmnt", root).status === 0) judge("umount", "--recursive", root);
  });
  const own = ["--devices", tree, "--disk", "main", device, "--mount-point", root];
  const request = (system: string, ...more: string[]) => ["install", system, ...own, ...more];
  return { device, image, folder, root, request };
}

/** Gives a loop device the name that the demo system's extlinux knows its disk by. */
function nameDisk(t: ExecutionContext, device: string): void {
  const link = "/dev/disk/by-id/ata-DEMO_DISK_0001";
  mkdirSync("/dev/disk/by-id", { recursive: true });
  symlinkSync(device, link);
  t.teardown(() => unlinkSync(link));
}

const mounted = (root: string) => ask("findmnt", root).status === 0;

test.serial(
  "a system with its bootloader and further files; installed once more onto what is there; it boots",
  async (t) => {
    const { device, image, folder, root, request } = scene(t, extlinuxDisk);
    nameDisk(t, device);
    writeFileSync(join(folder, "a key"), "secret\n", { mode: 0o600 });
    const system = demoSystem("extlinux");
    const files = ["--extra-files", join(folder, "a key"), "/etc/my keys/key"];
    const { stdout } = await mkimage(t, request(system, ...files, "--yes-wipe-all-disks"));
    t.regex(stdout, /install the bootloader\n(.*\n)*installed\n$/);
    t.false(mounted(root));

    judge("mount", `${device}p1`, root);
    t.is(readFileSync(join(root, "etc/my keys/key"), "utf8"), "secret\n");
    t.like(statSync(join(root, "etc/my keys/key")), { uid: 0, mode: 0o100600 });
    t.true(existsSync(join(root, "boot/extlinux/ldlinux.sys")));
    t.is(readlinkSync(join(root, "nix/var/nix/profiles/system-1-link")), system);
    t.is(
      judge("nix-store", "--store", root, "--query", "--requisites", system),
      judge("nix-store", "--query", "--requisites", system),
    );
    judge("nix-store", "--store", root, "--verify", "--check-contents");
    writeFileSync(join(root, "kept"), "");
    judge("umount", root);

    const other = demoSystem("none");
    await mkimage(t, request(other, "--mode", "mount"));
    judge("mount", `${device}p1`, root);
    t.true(existsSync(join(root, "kept")), "the mode mount keeps what is there");
    t.is(readlinkSync(join(root, "nix/var/nix/profiles/system-2-link")), other);
    judge("umount", root);
    judge("e2fsck", "-fn", `${device}p1`);
    t.like(await bootDemo(image, "bios"), { variant: "extlinux", root: "/dev/vda1:ext4:nixos" });
  },
);

test.serial("xfs and btrfs with subvolumes; a system without a bootloader", async (t) => {
  const subvolumes = { "@nix": { mountpoint: "/nix", mountOptions: ["compress=zstd"] } };
  const partitions = {
    root: { size: "400M", content: filesystem("xfs", "/") },
    store: { size: "100%", content: { type: "btrfs", subvolumes } },
  };
  const { device, root, request } = scene(t, { type: "gpt", partitions }, 800 * MiB);
  const system = demoSystem("none");
  await mkimage(t, request(system, "--yes-wipe-all-disks"));
  t.false(mounted(root));
  judge("mount", `${device}p1`, root);
  judge("mount", "-o", "subvol=@nix", `${device}p2`, join(root, "nix"));
  t.true(lstatSync(join(root, "etc/NIXOS")).isFile());
  t.true(existsSync(join(root, system, "init")));
  judge("nix-store", "--store", root, "--verify", "--check-contents");
});

test.serial("nothing is touched without consent, or where something cannot work", async (t) => {
  const { device, folder, request } = scene(t, extlinuxDisk);
  judge("mkfs.ext4", "-q", "-L", "photos", device);
  const system = demoSystem("none");
  const refused = async (what: RegExp, exitCode: number, ...arguments_: string[]) => {
    const run = await runMkimage([...arguments_, "--yes-wipe-all-disks"]);
    t.is(run.exitCode, exitCode, run.stderr);
    t.regex(run.stderr, what);
  };
  const unasked = await runMkimage(request(system));
  t.is(unasked.exitCode, 14, unasked.stderr);
  t.true(unasked.stdout.includes('ext4 "photos"'), unasked.stdout);
  await refused(/no disk "other"/, 2, ...request(system, "--disk", "other", device));
  await refused(/main is .* and /, 2, ...request(system, "--disk", "main", `${device}x`));
  const [twice, content] = [join(folder, "twice.json"), null];
  writeFileSync(
    twice,
    JSON.stringify({ disk: { a: { device, content: filesystem("ext4", "/") }, b: { device, content } } }),
  );
  await refused(/the disks a and b are both \/dev\/loop/, 2, "install", system, "--devices", twice);
  await refused(/nowhere is not there/, 2, ...request(system, "--extra-files", "nowhere", "/etc/x"));
  await refused(/not started by UEFI/, 2, ...request(system, "--write-efi-boot-entries"));
  await refused(/takes no further settings/, 2, ...request(system, "--system-config", "{}"));
  await refused(/ata-DEMO_DISK_0001, none of its disks/, 2, ...request(demoSystem("grub")));
  await refused(/nothing says how the disks are laid out/, 2, "install", system);
  await refused(/not a NixOS system/, 3, ...request(join(system, "init")));
  t.is(judge("blkid", "-o", "value", "-s", "LABEL", device), "photos");

  const small = scene(t, extlinuxDisk, 32 * MiB);
  await refused(/the system has .* MiB, and the filesystem on \/ 3. MiB/, 4, ...small.request(system));
  t.is(judge("wipefs", "--no-act", "--noheadings", small.device), "");
});

test.serial("a failure says in what state the disks are, and leaves nothing mounted", async (t) => {
  const { device, root, request } = scene(t, { ...filesystem("ext4", "/"), label: "nixos" });
  const run = await runMkimage(request(demoSystem("installer-fails"), "--yes-wipe-all-disks"));
  t.is(run.exitCode, 6, run.stderr);
  t.regex(run.stderr, /could not install the bootloader/);
  t.regex(
    run.stderr,
    /hint: the disks are formatted, and the system on them is not complete; the same command with --mode mount/,
  );
  t.false(mounted(root));
  await mkimage(t, request(demoSystem("none"), "--mode", "mount"));
  t.is(judge("blkid", "-o", "value", "-s", "LABEL", device), "nixos");

  const swapless = scene(t, { ...filesystem("ext4", "/"), extraArgs: ["-O", "no_such_feature"] });
  const early = await runMkimage(swapless.request(demoSystem("none"), "--yes-wipe-all-disks"));
  t.regex(early.stderr, /hint: the disks are formatted in part; the same command starts anew/);
});

test.serial(
  "an interruption ends the installer, says in what state the disk is, and leaves nothing mounted",
  async (t) => {
    const { root, request } = scene(t, { ...filesystem("ext4", "/"), label: "nixos" });
    const { exitCode, stdout } = await runMkimage(request(demoSystem("installer-hangs"), "--yes-wipe-all-disks"), {
      onStart: (child) =>
        child.stdout?.on("data", (text) => {
          if (String(text).includes("install the bootloader")) setTimeout(() => child.kill("SIGTERM"), 500);
        }),
    });
    t.is(exitCode, 143);
    t.regex(stdout, /the system on them is not complete; the same command with --mode mount goes on from here\n$/);
    t.false(mounted(root));
  },
);

test.serial("a dry run builds everything, and prints a script that shellcheck reads", async (t) => {
  const { device, root, request, folder } = scene(t, extlinuxDisk);
  const { stdout } = await mkimage(t, request(demoSystem("extlinux"), "--dry-run"), {
    through: ["setpriv", "--reuid=0"],
  });
  t.true(stdout.includes(`wipe_disk ${device}`));
  const script = join(folder, "script");
  writeFileSync(script, stdout);
  judge("shellcheck", script);
  t.is(judge("wipefs", "--no-act", "--noheadings", device), "");
  t.false(mounted(root));
});

test.serial(
  "what reading the tree has found worth knowing is told beside the script, and before an installation",
  async (t) => {
    const { device, root, folder } = scene(t, extlinuxDisk);
    const tree = join(folder, "disk.nix");
    const main = JSON.stringify({ device, content: extlinuxDisk });
    writeFileSync(
      tree,
      `{ inputs, ... }: { imports = [ inputs.other ]; disko.devices.disk.main = builtins.fromJSON ''${main}''; }`,
    );
    const own = ["install", demoSystem("extlinux"), "--devices", tree, "--mount-point", root];
    const note =
      /^note: .*disk\.nix, import 1: not looked at, since only the whole configuration can tell what it is$/m;
    const { stdout, stderr } = await mkimage(t, [...own, "--dry-run"]);
    t.regex(stderr, note);
    t.regex(stdout, /^#!/);
    const { exitCode, stderr: errors } = await runMkimage(own);
    t.is(exitCode, 14, "nobody agrees to lose what is on the disk");
    t.regex(errors, note);
  },
);
