import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { readGptTable, type Slice } from "./partition-slices.ts";
import { bootDemo } from "./boot-demo.ts";
import { demoSystem, judge, type Run, reportOf, runMkimage } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

// Disks that are made in a guest by a script with the structure of disko's, and filled by mkimage.

const disk = "/dev/disk/by-id/ata-DEMO_DISK_0001";
const template = readFileSync(join(import.meta.dirname, "disko-script.sh"), "utf8").replaceAll("DEVICE", disk);
const folder = mkdtempSync(join(tmpdir(), "mkimage-script-"));
const out = join(folder, "out");
const image = join(out, "main.img");
const key = join(folder, "key");
let run: Run;

const filesystem = (format: string, mountpoint: string) => ({ type: "filesystem", format, mountpoint });
const luks = { type: "luks", name: "crypted", passwordFile: "/tmp/disk.key", content: filesystem("ext4", "/home") };
const devices = {
  disk: {
    main: {
      device: disk,
      content: {
        type: "gpt",
        partitions: {
          ESP: { priority: 1, type: "EF00", size: "64M", content: filesystem("vfat", "/boot") },
          home: { priority: 2, size: "64M", content: luks },
          root: { size: "100%", content: filesystem("ext4", "/") },
        },
      },
    },
  },
};
const tree = join(folder, "tree.json");
const common = ["--pre-format-files", key, "/tmp/disk.key", "--additional-space", "64M", "--accel", "tcg"];

/** A flake whose one system has the tree as its own, and the script as disko's module has it. */
function flakeWithScript(): string {
  const flake = join(folder, "flake");
  const demo = execFileSync(join(import.meta.dirname, "../../fixtures/build"), ["--flake"], { encoding: "utf8" });
  cpSync(demo.trim(), flake, { recursive: true });
  writeFileSync(join(flake, "devices.json"), JSON.stringify(devices));
  writeFileSync(join(flake, "disko.sh"), template);
  const script = `(import ./derive.nix).program {
    name = "disko-destroy-format-mount"; destination = "/bin/disko-destroy-format-mount"; template = ./disko.sh; }`;
  const host = `let base = (import ./configurations.nix).systemd-boot; in base // { config = base.config // {
    disko.devices = builtins.fromJSON (builtins.readFile ./devices.json);
    system = base.config.system // { build = base.config.system.build // { destroyFormatMount = ${script}; }; }; }; }`;
  writeFileSync(join(flake, "flake.nix"), `{ outputs = _: { nixosConfigurations.host = ${host}; }; }`);
  return `${flake}#host`;
}

test.before(async () => {
  // No end of line: a key is all that stands in its file.
  writeFileSync(key, "correct horse", { mode: 0o600 });
  writeFileSync(tree, JSON.stringify(devices));
  const more = ["--disko-script", "auto", "--post-format-files", key, "/home/a key"];
  run = await runMkimage(["build", flakeWithScript(), ...common, ...more, "--out", out]);
  if (run.exitCode !== 0) throw new Error(run.stderr);
});

test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test("the system's own script is run, and the image does not promise its bytes", (t) => {
  t.regex(run.stderr, /bytes are not reproducible: \/nix\/store\/\S+\/bin\/disko-destroy-format-mount has made it/);
  t.false(reportOf(out).reproducible);
});

test("the table is the script's, and in order", (t) => {
  t.regex(judge("sgdisk", "-v", image), /No problems found/);
  t.deepEqual(
    readGptTable(image).map(({ name }) => name),
    ["disk-main-ESP", "disk-main-home", "disk-main-root"],
  );
});

test("its filesystems are clean, and hold what belongs there", (t) => {
  const [esp = "", , root = ""] = readGptTable(image).map((slice) => copyOf(t, slice));
  judge("fsck.vfat", "-n", esp);
  t.regex(judge("mdir", "-i", esp, "-b", "::/EFI/systemd"), /systemd-bootx64\.efi/i);
  judge("e2fsck", "-fn", root);
  t.regex(judge("debugfs", "-R", "stat /nix/var/nix/db/db.sqlite", root), /Type: regular/);
  t.regex(judge("debugfs", "-R", "stat /nix/store", root), /Mode: +01775[^]*User: +0 +Group: +30000/);
  t.regex(judge("debugfs", "-R", "ls -p /home", root), /^\/\d+\/040755\/0\/0\/\.\/\/\n.*\.\.\/\/\s*$/);
});

test("the container opens with the key that came in memory, and its UUIDs and free space are in the report", (t) => {
  const [, home = "", root = ""] = readGptTable(image).map((slice) => copyOf(t, slice));
  t.notThrows(() => judge("cryptsetup", "open", "--test-passphrase", "--key-file", key, home));
  const found = reportOf(out).filesystems.find(({ mountpoint }) => mountpoint === "/");
  t.is(judge("blkid", "-p", "-s", "UUID", "-o", "value", root).trim(), found?.uuid ?? "none");
  t.is(found?.kind, "ext4");
  t.true((found?.freeBytes ?? 0) > 32 * 1024 ** 2);
});

test("it boots", async (t) => {
  const said = await bootDemo(image, "efi");
  t.regex(said["root"] ?? "", /:ext4:nixos$/);
  t.regex(said["boot"] ?? "", /:vfat:ESP$/);
});

test("a script that leaves something unmounted is told what, and nothing is left", async (t) => {
  const script = join(folder, "a script of one's own");
  writeFileSync(script, template.replace(/^ {4}mount .*\/mnt\/home .*$/m, "    true"));
  chmodSync(script, 0o755);
  const request = ["--devices", tree, "--disko-script", script, "--no-install-boot-loader"];
  const failed = join(folder, "failed");
  const { exitCode, stderr } = await runMkimage(["build", demoSystem("none"), ...request, ...common, "--out", failed]);
  t.is(exitCode, 7, stderr);
  t.regex(stderr, /the script has mounted nothing at \/mnt\/home\. Mounted are:/);
  t.regex(stderr, /\/mnt\/boot vfat/);
  t.false(existsSync(failed));
});

const byItself = "a system installs itself on what the script has made";
if (isLong) {
  test(byItself, async (t) => {
    const script = join(folder, "for-nixos-install");
    writeFileSync(script, template, { mode: 0o755 });
    const place = join(folder, "installed");
    const request = ["--devices", tree, "--disko-script", script, "--installer", "nixos-install", ...common];
    const { exitCode, stderr } = await runMkimage([
      "build",
      demoSystem("systemd-boot-installer"),
      ...request,
      "--out",
      place,
    ]);
    t.is(exitCode, 0, stderr);
    t.regex(judge("sgdisk", "-v", join(place, "main.img")), /No problems found/);
    t.like(await bootDemo(join(place, "main.img"), "efi"), { variant: "systemd-boot-installer" });
  });
}

const twoNames = "a file with two names is two files on FAT, and one on ext4";
if (isLong) test(twoNames, fillsWithLinks);

async function fillsWithLinks(t: ExecutionContext): Promise<void> {
  const root = join(folder, "linked");
  for (const place of ["boot", "etc", "home", "nix/store"]) mkdirSync(join(root, place), { recursive: true });
  for (const place of ["boot", "etc"]) {
    writeFileSync(join(root, place, "one"), "two names\n");
    linkSync(join(root, place, "one"), join(root, place, "other"));
  }
  const script = join(folder, "for-links");
  writeFileSync(script, template, { mode: 0o755 });
  const place = join(folder, "with-links");
  const request = [
    "--root",
    root,
    "--vm-kernel",
    demoSystem("none"),
    "--devices",
    tree,
    "--disko-script",
    script,
    ...common,
    "--out",
    place,
  ];
  const { exitCode, stderr } = await runMkimage(["build", ...request]);
  t.is(exitCode, 0, stderr);
  const [esp = "", , ext4 = ""] = readGptTable(join(place, "main.img")).map((slice) =>
    copyOf(t, slice, join(place, "main.img")),
  );
  for (const name of ["one", "other"]) t.is(judge("mtype", "-i", esp, `::/${name}`), "two names\n");
  t.regex(judge("debugfs", "-R", "stat /etc/other", ext4), /Links: 2/);
}

const withInstaller = "a bootloader that has to run is installed on what the script has made, under the system's names";
if (isLong) test(withInstaller, installsOnScripted);

async function installsOnScripted(t: ExecutionContext): Promise<void> {
  const partitions = {
    boot: { size: "1M", type: "EF02" },
    root: { size: "100%", content: filesystem("ext4", "/") },
  };
  const own = { disk: { main: { device: "/dev/sda", content: { type: "gpt", partitions } } } };
  writeFileSync(join(folder, "bios.json"), JSON.stringify(own));
  const script = join(folder, "bios");
  writeFileSync(
    script,
    `#!/usr/bin/env bash
set -efux
sgdisk --new=1:0:+1M --typecode=1:EF02 --new=2:0:-0 /dev/sda
partprobe /dev/sda
udevadm trigger --subsystem-match=block
udevadm settle || udevadm settle
mkfs.ext4 -q -L nixos /dev/sda2
mount -o X-mount.mkdir /dev/sda2 /mnt
`,
    { mode: 0o755 },
  );
  const request = ["--devices", join(folder, "bios.json"), "--disko-script", script, "--accel", "tcg"];
  const place = join(folder, "bios-out");
  const { exitCode, stderr } = await runMkimage(["build", demoSystem("grub"), ...request, "--out", place]);
  t.is(exitCode, 0, stderr);
  t.regex(judge("sgdisk", "-v", join(place, "main.img")), /No problems found/);
  t.regex((await bootDemo(join(place, "main.img"), "bios"))["root"] ?? "", /:ext4:nixos$/);
}

/** A partition in a file of its own. */
function copyOf(t: ExecutionContext, { number, first, sectors }: Slice, from = image): string {
  const path = join(folder, `${t.title.replaceAll(/\W/g, "-")}.${number}`);
  const words = [
    `if=${from}`,
    `of=${path}`,
    "bs=512",
    `skip=${first}`,
    `count=${sectors}`,
    "conv=sparse",
    "status=none",
  ];
  judge("dd", ...words);
  return path;
}
