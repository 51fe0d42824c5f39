import { cpSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { demoSystem, judge, mkimage, reportOf, runMkimage, testFolder } from "./mkimage.ts";

// Disks that the configuration of a system describes, and device trees that are functions.

const tree = `disk.main = {
  imageSize = "2G";
  _module = throw "what begins with _ is disko's own";
  content = { type = "gpt"; partitions.root = { size = "100%"; content = {
    type = "filesystem"; format = "ext4"; label = "nixos"; mountpoint = "/"; mountOptions = [ "noatime" ];
  }; }; };
};`;

/** A flake with one system that has these `disko.devices`. */
function flakeWith(t: ExecutionContext, devices: string): string {
  const folder = join(testFolder(t), "flake");
  const demo = execFileSync(join(import.meta.dirname, "../../fixtures/build"), ["--flake"], { encoding: "utf8" });
  cpSync(demo.trim(), folder, { recursive: true });
  const host = `let base = (import ./configurations.nix).none; in
    base // { config = base.config // { disko.devices = { ${devices} }; }; }`;
  writeFileSync(join(folder, "flake.nix"), `{ outputs = _: { nixosConfigurations.host = ${host}; }; }`);
  return folder;
}

test("a system's own disko.devices are its disks, unless a partition table is asked for", async (t) => {
  const flake = flakeWith(t, tree);
  const out = join(testFolder(t), "out");
  const { stderr } = await mkimage(t, ["build", `${flake}#host`, "--out", out, "--additional-space", "8M"]);
  t.regex(stderr, /note: the disks are those of the system's own disko\.devices/);
  t.regex(stderr, /note: disk main: imageSize is disko's default of 2G and counts as auto/);
  const [disk] = reportOf(out).disks;
  t.true((disk?.size ?? 0) < 256 * 1024 ** 2);
  t.deepEqual(
    disk?.table?.partitions.map(({ name }) => name),
    ["disk-main-root"],
  );
  const [partition] = JSON.parse(judge("sfdisk", "-J", join(out, "main.img"))).partitiontable.partitions;
  t.is(partition.name, "disk-main-root");

  const preset = await mkimage(t, ["plan", `${flake}#host`, "--partition", "legacy"]);
  t.regex(preset.stdout, /disk \S+: .*MBR/);
  t.false(preset.stderr.includes("note:"));
});

test("plan says so too, sizes may be overridden, and what only presets take is refused", async (t) => {
  const flake = flakeWith(t, tree);
  const { stdout, stderr } = await mkimage(t, ["plan", `${flake}#host`, "--image-size", "main=1G", "--json"]);
  t.is(JSON.parse(stdout).disks[0].size, 1024 ** 3);
  t.regex(stderr, /the disks are those of the system/);
  const run = await runMkimage(["plan", `${flake}#host`, "--fs-type", "xfs"]);
  t.is(run.exitCode, 2, run.stderr);
  t.regex(run.stderr, /the device tree says how disks are laid out; drop --fs-type/);
});

test("a plan of containers shows what lies in them, and says which keys a build would need", async (t) => {
  const file = join(import.meta.dirname, "../../fixtures/devices/lvm-on-luks.json");
  const system = demoSystem("none");
  const { stdout, stderr } = await mkimage(t, ["plan", system, "--devices", file], { environment: { LC_ALL: "C" } });
  t.regex(stdout, /\| LUKS crypted .*\n(.*\n)?.*\| LVM pool/);
  t.regex(stdout, /^ {2}2 .* LUKS container crypted$/m);
  t.regex(stderr, /note: .*its key \/tmp\/secret\.key is not there in a guest/);
  const build = await runMkimage(["build", system, "--devices", file, "--out", join(testFolder(t), "out")]);
  t.is(build.exitCode, 2);
  t.regex(build.stderr, /its key \/tmp\/secret\.key is not there/);
});

test("a system without disko, and one with its module but no disks, get the usual partition table", async (t) => {
  for (const devices of ["", "disk = { }; nodev = { };"]) {
    const { stdout, stderr } = await mkimage(t, ["plan", `${flakeWith(t, devices)}#host`]);
    t.regex(stdout, /disk \S+: .*MBR/);
    t.regex(stderr, /^note: the partition table is legacy, since the system has no bootloader;[^\n]*\n$/);
  }
  const flake = flakeWith(t, "");
  const run = await runMkimage(["plan", `${flake}#host`, "--image-size", "1G"]);
  t.regex(run.stderr, /--image-size: is for a device tree; use --size/);
});

test("a tree that is a function takes arguments as text and as expressions, before the system and behind it", async (t) => {
  const folder = testFolder(t);
  const file = join(folder, "disk.nix");
  writeFileSync(
    file,
    `{ label, megabytes ? 100, ... }: { disk.main = {
    imageSize = "\${toString (megabytes * 2)}M";
    content = { type = "filesystem"; format = "ext4"; inherit label; mountpoint = "/"; };
  }; }`,
  );
  const system = demoSystem("none");
  const request = ["--devices", file, "--argstr", "label", "my label", "--arg", "megabytes", "200 + 50"];
  for (const words of [
    [system, ...request],
    [...request, system],
  ]) {
    const { stdout } = await mkimage(t, ["plan", "--json", ...words]);
    t.is(JSON.parse(stdout).disks[0].size, 500 * 1024 ** 2);
    t.is(JSON.parse(stdout).filesystems[0].label, "my label");
  }
  const alone = await runMkimage(["plan", system, "--argstr", "label", "x"]);
  t.is(alone.exitCode, 2);
  t.regex(alone.stderr, /argstr: for a device tree in a Nix file/);
});
