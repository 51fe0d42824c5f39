import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { demoSystem, judge, mkimage, reportOf } from "./mkimage.ts";
import { makeNixScene } from "./nix-scene.ts";
import { isLong } from "../together/is-long.ts";

// The flake's package in a root that has nothing but the store, /bin/sh and /usr/bin/env: no /usr, no /lib, no /sbin, and
// an environment with HOME alone.

const fixtures = join(import.meta.dirname, "../../fixtures");

interface Place {
  /** A folder that is `/work` in the root. */
  readonly work: string;
  readonly nixpkgs: string;
  build(expression: string): string;
  /** Runs mkimage in the root, where it has to succeed; gives all that it said. */
  alone(...words: readonly string[]): string;
}

function makePlace(folder: string): Place {
  const [root, work] = [join(folder, "root"), join(folder, "work")];
  [root, work].forEach((path) => mkdirSync(path));
  const { clone, nixpkgs, run } = makeNixScene(folder);
  const link = join(folder, "package");
  run("nix", "build", `path:${clone}`, "--no-write-lock-file", "--out-link", link);
  const program = run("readlink", "-f", link).trim();
  const build = (expression: string) =>
    run("nix-build", "--no-out-link", "-E", `with import ${nixpkgs} { }; ${expression}`).trim();
  const programs = build("coreutils");
  const script = join(import.meta.dirname, "store-root.sh");
  const alone = (...words: readonly string[]) => {
    const entered = ["--mount", "--propagation", "private", "sh", script, root, programs, work];
    const { status, stdout, stderr } = spawnSync("unshare", [...entered, `${program}/bin/mkimage`, ...words], {
      encoding: "utf8",
    });
    assert.equal(status, 0, `mkimage ${words.join(" ")}\n${stdout}${stderr}`);
    return `${stdout}${stderr}`;
  };
  return { work, nixpkgs, build, alone };
}

const small = ["--additional-space", "16M"];
const emulated = ["--accel", "tcg"];
const booting = ["--boot", "--expect", "^mkimage-demo: booted ", ...emulated];

const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
let place: Place;

test.before(() => {
  place = makePlace(folder);
});

test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test.serial("images by the host and in a guest, LUKS, qcow2, run, verify and inspect", async (t) => {
  await hostEngine(t, place);
  looksAtImages(t, place);
  containers(t, place);
});

if (isLong) {
  test.serial("scripts of disko's open containers, whatever begins them, and wherever udev's rules are", (t) => {
    scripts(t, place);
  });
}

/** The image is the one that is made outside. */
async function hostEngine(t: ExecutionContext, { work, alone }: Place): Promise<void> {
  const system = demoSystem("systemd-boot");
  alone("build", system, ...small, "--out", "/work/host");
  await mkimage(t, ["build", system, ...small, "--out", join(work, "outside")]);
  t.is(sha256(join(work, "host/nixos.img")), sha256(join(work, "outside/nixos.img")));
  rmSync(join(work, "outside"), { recursive: true });
  alone("build", system, ...small, "--format", "qcow2", "--out", "/work/qcow2");
  t.notThrows(() => judge("qemu-img", "check", join(work, "qcow2/nixos.qcow2")));
}

/** Its firmware is beside QEMU. */
function looksAtImages(t: ExecutionContext, { alone }: Place): void {
  t.regex(alone("verify", "/work/host/nixos.img", ...booting), /ok +boot /);
  t.regex(alone("inspect", "/work/host/nixos.img"), /nixos-system-demo-systemd-boot/);
  t.regex(alone("run", "/work/qcow2/nixos.qcow2", ...emulated), /mkimage-demo: booted/);
}

function containers(t: ExecutionContext, { work, alone }: Place): void {
  copyFileSync(join(fixtures, "devices/boot-luks.json"), join(work, "luks.json"));
  copyFileSync(join(fixtures, "system/crypto_keyfile.bin"), join(work, "key"));
  const key = ["--pre-format-files", "/work/key", "/crypto_keyfile.bin"];
  alone(
    "build",
    demoSystem("luks"),
    "--devices",
    "/work/luks.json",
    ...key,
    ...small,
    ...emulated,
    "--out",
    "/work/luks",
  );
  t.true(existsSync(join(work, "luks/main.img")));
  t.like(reportOf(join(work, "luks")), { bootloader: { engine: "host" } });
  rmSync(join(work, "luks"), { recursive: true });
}

const disk = "/dev/disk/by-id/ata-DEMO_DISK_0001";
const filesystem = (format: string, mountpoint: string) => ({ type: "filesystem", format, mountpoint });
const container = {
  type: "luks",
  name: "crypted",
  passwordFile: "/tmp/disk.key",
  content: filesystem("ext4", "/home"),
};
const partitions = {
  ESP: { priority: 1, type: "EF00", size: "64M", content: filesystem("vfat", "/boot") },
  home: { priority: 2, size: "64M", content: container },
  root: { size: "100%", content: filesystem("ext4", "/") },
};

/**
 * A script that begins with `/usr/bin/env`, and one in the store that begins with a store path. The second one's toolbox is
 * made of links, where udev and the device mapper are packages of their own, each with its rules.
 */
function scripts(t: ExecutionContext, { work, build, alone }: Place): void {
  const text = readFileSync(join(import.meta.dirname, "disko-script.sh"), "utf8").replaceAll("DEVICE", disk);
  writeFileSync(join(work, "script"), text, { mode: 0o755 });
  writeFileSync(
    join(work, "tree.json"),
    JSON.stringify({ disk: { main: { device: disk, content: { type: "gpt", partitions } } } }),
  );
  writeFileSync(join(work, "disk.key"), "correct horse", { mode: 0o600 });
  const toolbox = build(separatePackages);
  const inStore = build(`runCommand "disko-script" { text = builtins.readFile ${join(work, "script")}; } ''
    { echo "#!\${bash}/bin/bash"; printf '%s' "$text" | tail -n +2; } >$out; chmod +x $out''`);
  const request = ["--devices", "/work/tree.json", "--pre-format-files", "/work/disk.key", "/tmp/disk.key"];
  for (const [name, ...words] of [
    ["env", "--disko-script", "/work/script"],
    ["store", "--disko-script", inStore, "--toolbox", toolbox],
  ] as const) {
    alone("build", demoSystem("systemd-boot"), ...request, ...words, ...small, ...emulated, "--out", `/work/${name}`);
    t.regex(judge("sgdisk", "-v", join(work, name, "main.img")), /No problems found/);
    rmSync(join(work, name), { recursive: true });
  }
}

const separatePackages = `let
  take = name: programs: rules: runCommand name { } ''
    mkdir -p $out/bin $out/lib/udev/rules.d
    for program in \${programs}; do cp \${coreutils}/bin/$program $out/bin/; done
    for rule in \${coreutils}/lib/udev/rules.d/*.rules; do
      case $rule in \${rules}) sed "s|[^ =\\"']*/bin/dmsetup|$out/bin/dmsetup|g" $rule >$out/lib/udev/rules.d/$(basename $rule) ;; esac
    done'';
  mapper = take "device-mapper" "dmsetup" "*-dm*.rules | *-persistent-storage-dm.rules";
  udev = take "udev" "udevadm" "*/50-udev-default.rules | */60-block.rules | */60-persistent-storage.rules";
in runCommand "toolbox" { } ''
  mkdir -p $out/bin
  ln -s \${coreutils}/bin/* $out/bin/
  ln -sf \${udev}/bin/udevadm \${mapper}/bin/dmsetup $out/bin/
''`;

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

if (isLong) {
  test.serial("a guest that fills a filesystem, and one that installs a bootloader", (t) => {
    const { alone } = place;
    for (const [name, variant] of [
      ["filled", "systemd-boot-xfs"],
      ["installed", "grub"],
    ] as const) {
      alone("build", demoSystem(variant), ...small, ...emulated, "--out", `/work/${name}`);
      t.regex(alone("verify", `/work/${name}/nixos.img`, ...booting), /ok +boot /);
    }
  });
}
