import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { GiB } from "../../src/base/units.ts";
import { readVma } from "../image/packings/read-vma.ts";
import { bootDemo } from "./boot-demo.ts";
import { demoSystem, judge, mkimage, runMkimage, testFolder } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

const judgeIn = (folder: string, script: string, ...words: readonly string[]) =>
  judge("bash", "--norc", "-euo", "pipefail", "-c", `cd "$1"; shift; ${script}`, "bash", folder, ...words);

interface Unpacked {
  readonly path: string;
  /** By QEMU's name of it. */
  readonly format: string;
}

/** Takes the disk out of a variant's file, by somebody else's programs but for the VMA. */
type Unpack = (t: ExecutionContext, folder: string, file: string) => Unpacked;

const asItIs =
  (format: string): Unpack =>
  (_t, folder, file) => ({ path: join(folder, file), format });

const gunzipped =
  (format: string): Unpack =>
  (_t, folder, file) => {
    judgeIn(folder, 'gzip --test "$1"; gzip --decompress --stdout "$1" | cp --sparse=always /dev/stdin disk', file);
    return { path: join(folder, "disk"), format };
  };

function googles(t: ExecutionContext, folder: string, file: string): Unpacked {
  judgeIn(folder, 'gzip --test "$1"', file);
  t.is(judgeIn(folder, 'tar --list --file "$1"', file), "disk.raw\n");
  judgeIn(folder, 'tar --extract --sparse --file "$1"', file);
  const { size, blocks } = statSync(join(folder, "disk.raw"));
  t.is(size % GiB, 0);
  t.true(blocks * 512 < size / 10, "its holes are holes again");
  return { path: join(folder, "disk.raw"), format: "raw" };
}

function machineIn(member: string): Unpack {
  return (t, folder, file) => {
    judgeIn(folder, 'tar --extract --file "$1"', file);
    const sums = readFileSync(join(folder, `${member}.mf`), "utf8").replaceAll(/^SHA256\((.*)\)= (.*)$/gm, "$2  $1");
    t.regex(judgeIn(folder, 'sha256sum --check --strict <<<"$1"', sums.trim()), /\.ovf: OK\n.*\.vmdk: OK\n/);
    judge("xmllint", "--noout", "--nonet", join(folder, `${member}.ovf`));
    return { path: join(folder, `${member}-disk001.vmdk`), format: "vmdk" };
  };
}

function proxmoxs(t: ExecutionContext, folder: string, file: string): Unpacked {
  judgeIn(folder, 'zstd --quiet --test "$1"; zstd --quiet --decompress "$1" -o archive', file);
  const { configs, devices } = readVma(readFileSync(join(folder, "archive")));
  t.regex(configs["qemu-server.conf"] ?? "", /^bios: seabios$/m);
  writeFileSync(join(folder, "disk"), devices["drive-virtio0"] ?? "");
  return { path: join(folder, "disk"), format: "raw" };
}

/** The products of each, with the table that it takes first, and the endings that other programs want. */
const made: Readonly<Record<string, readonly [file: string, partition: string, least: number, unpack: Unpack]>> = {
  amazon: ["nixos.vhd", "legacy+gpt", 4 * GiB, asItIs("vpc")],
  azure: ["nixos.vhd", "legacy", 0, asItIs("vpc")],
  cloudstack: ["nixos.qcow2", "legacy", 0, asItIs("qcow2")],
  "digital-ocean": ["nixos.qcow2.gz", "legacy", 0, gunzipped("qcow2")],
  "google-compute": ["nixos.raw.tar.gz", "legacy", GiB, googles],
  hyperv: ["nixos.vhdx", "efi", 4 * GiB, asItIs("vhdx")],
  kubevirt: ["nixos.qcow2", "legacy", 0, asItIs("qcow2")],
  linode: ["nixos.img.gz", "none", 0, gunzipped("raw")],
  oci: ["nixos.qcow2", "efi", 8 * GiB, asItIs("qcow2")],
  openstack: ["nixos.qcow2", "legacy", 8 * GiB, asItIs("qcow2")],
  proxmox: ["nixos.vma.zst", "legacy", 0, proxmoxs],
  qemu: ["nixos.qcow2", "legacy", 0, asItIs("qcow2")],
  "qemu-efi": ["nixos.qcow2", "efi", 0, asItIs("qcow2")],
  raw: ["nixos.img", "legacy", 0, asItIs("raw")],
  "raw-efi": ["nixos.img", "efi", 0, asItIs("raw")],
  "vagrant-virtualbox": ["nixos.box", "legacy", 0, machineIn("box")],
  virtualbox: ["nixos.ova", "legacy", 0, machineIn("nixos")],
  vmware: ["nixos.vmdk", "efi", 2 * GiB, asItIs("vmdk")],
};

const source = ["--root", "vm", "--owner", "root", "--additional-space", "8M"];

for (const [variant, [file, partition, least, unpack]] of Object.entries(made)) {
  test.serial(`${variant}: somebody else's programs open ${file}, and the disk in it is the raw image`, async (t) => {
    const folder = testFolder(t);
    const [out, raw] = [join(folder, "out"), join(folder, "raw")];
    const { stdout } = await mkimage(t, ["build", ...source, "--variant", variant, "--out", out]);
    t.is(stdout.trim(), join(out, file));
    const disk = unpack(t, out, file);
    const info = JSON.parse(judge("qemu-img", "info", "--output=json", "-f", disk.format, disk.path)) as {
      "virtual-size": number;
    };
    const size = info["virtual-size"];
    t.true(least === 0 ? size < 600 * 1024 ** 2 : size === least, String(size));
    t.is(size % 1024 ** 2, 0);
    await mkimage(t, ["build", ...source, "--partition", partition, "--size", `${size / 1024 ** 2}M`, "--out", raw]);
    judge("qemu-img", "compare", "-f", disk.format, "-F", "raw", disk.path, join(raw, "nixos.img"));
  });
}

test("a fixed VHD for Azure is a whole number of MiB and a footer", async (t) => {
  const out = testFolder(t);
  await mkimage(t, ["build", ...source, "--variant", "azure", "--out", out]);
  t.is(statSync(join(out, "nixos.vhd")).size % 1024 ** 2, 512);
});

test("Hydra's products and Amazon's image info say what and where the image is, whatever a hook calls it", async (t) => {
  const out = testFolder(t);
  const system = demoSystem("systemd-boot");
  const request = ["build", system, "--variant", "amazon", "--size", "1G", "--post-vm", "mv $diskImage renamed.vhd"];
  await mkimage(t, [...request, "--out", out]);
  const file = join(out, "renamed.vhd");
  t.is(readFileSync(join(out, "nix-support/hydra-build-products"), "utf8"), `file vpc-image ${file}\n`);
  const label = (JSON.parse(readFileSync(join(system, "boot.json"), "utf8")) as Bootspec)["org.nixos.bootspec.v1"]
    .label;
  t.deepEqual(JSON.parse(readFileSync(join(out, "nix-support/image-info.json"), "utf8")), {
    label,
    boot_mode: "uefi",
    system: "x86_64-linux",
    logical_bytes: String(GiB),
    file,
    disks: { root: { logical_bytes: String(GiB), file } },
  });
  await mkimage(t, ["build", ...source, "--variant", "virtualbox", "--out", out, "--force"]);
  t.false(existsSync(join(out, "nix-support/image-info.json")), "of the earlier image");
  t.regex(readFileSync(join(out, "nix-support/hydra-build-products"), "utf8"), /^file ova .*\/nixos\.ova$/m);
});

interface Bootspec {
  readonly "org.nixos.bootspec.v1": { readonly label: string };
}

test.serial("a system with systemd-boot boots from the disk for Google", async (t) => {
  const out = testFolder(t);
  await mkimage(t, ["build", demoSystem("systemd-boot"), "--variant", "google-compute", "--out", out]);
  judgeIn(out, 'tar --extract --sparse --file "$1"', "nixos.raw.tar.gz");
  t.like(await bootDemo(join(out, "disk.raw"), "efi"), { variant: "systemd-boot", firmware: "efi" });
});

if (isLong) {
  test.serial("a system with GRUB boots from the disk of the machine for VirtualBox", async (t) => {
    const out = testFolder(t);
    await mkimage(t, ["build", demoSystem("grub"), "--variant", "virtualbox", "--out", out]);
    const disk = machineIn("nixos")(t, out, "nixos.ova");
    t.like(await bootDemo(disk.path, "bios", "vmdk"), { variant: "grub", firmware: "bios" });
  });
}

test("what is in an archive is no disk to verify, and says what to do", async (t) => {
  const out = testFolder(t);
  for (const [variant, name, packing] of [
    ["virtualbox", "nixos.ova", "a tar archive"],
    ["google-compute", "nixos.raw.tar.gz", "compressed as a whole by gzip"],
  ] as const) {
    await mkimage(t, ["build", ...source, "--variant", variant, "--out", out, "--force"]);
    const run = await runMkimage(["verify", join(out, name)]);
    t.is(run.exitCode, 18);
    t.regex(run.stdout, new RegExp(`it is ${packing}: unpack it, and verify that`));
    t.notRegex(run.stdout, /FAILED/);
  }
});

test("a variant that is none is refused before anything is there, and the list has all", async (t) => {
  const out = join(testFolder(t), "out");
  for (const [name, meant] of [
    ["amazone", /did you mean amazon\?/],
    ["kexec", /a kernel with its initrd and no disk; nix build .*images\.kexec makes it/],
  ] as const) {
    const run = await runMkimage(["build", ...source, "--variant", name, "--out", out]);
    t.is(run.exitCode, 2);
    t.regex(run.stderr, meant);
  }
  t.false(existsSync(out));
  const { stdout } = await mkimage(t, ["build", "--variant", "list"]);
  t.deepEqual(
    stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s/)[0]),
    Object.keys(made),
  );
});
