import { execFileSync } from "node:child_process";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { bootDemo, bootDemoDisks } from "../boot-demo.ts";
import { mkimage, reportOf, testFolder } from "../mkimage.ts";

// The demo system of Debian 13's packages: another kernel with compressed modules, another systemd and GRUB, on whichever
// Debian the tests run.

const project = join(import.meta.dirname, "../../..");
const environment = { ...process.env, MKIMAGE_DEBIAN: "trixie" };

function systemOf(variant: string): string {
  return execFileSync(join(project, "fixtures/build"), [variant], { encoding: "utf8", env: environment }).trim();
}

/** Builds an image of a variant, and gives its folder. */
async function build(t: ExecutionContext, variant: string, ...words: string[]): Promise<string> {
  const out = join(testFolder(t), "out");
  await mkimage(t, ["build", systemOf(variant), "--accel", "tcg", "--out", out, ...words]);
  return out;
}

test.serial("make demo builds it, makes its image and boots that", (t) => {
  const said = execFileSync(join(project, "dist/node"), [join(project, "fixtures/demo.ts")], {
    encoding: "utf8",
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.regex(said, /\nmkimage-demo: booted variant=systemd-boot firmware=efi .* root=\/dev\/\S+:ext4:nixos /);
});

for (const [what, variant, words, firmware, engine] of [
  ["GRUB's", "grub", ["--partition", "legacy+gpt"], "bios", "guest"],
  ["GRUB's for EFI", "grub-efi", ["--partition", "efi"], "efi", "guest"],
  [
    "extlinux's",
    "extlinux",
    ["--partition", "legacy", "--boot-device", "/dev/disk/by-id/ata-DEMO_DISK_0001"],
    "bios",
    "guest",
  ],
  ["systemd-boot's, where a guest fills the root", "systemd-boot-xfs", ["--partition", "efi"], "efi", "host"],
  ["systemd-boot's by its own bootctl", "systemd-boot", ["--partition", "efi", "--engine", "guest"], "efi", "guest"],
  ["one with compressed modules", "systemd-boot-xz", ["--partition", "efi"], "efi", "host"],
] as const) {
  test.serial(`an image boots: ${what}`, async (t) => {
    const out = await build(t, variant, ...words);
    t.is((reportOf(out)["bootloader"] as { engine: string }).engine, engine);
    t.like(await bootDemo(join(out, "nixos.img"), firmware), { variant, firmware });
  });
}

const keyFile = ["--pre-format-files", join(project, "fixtures/system/crypto_keyfile.bin"), "/crypto_keyfile.bin"];

for (const [variant, keys, names, stack] of [
  ["lvm-on-luks", keyFile, ["main"], "lvm,crypt,part,disk"],
  ["raid1", [], ["one", "two"], "raid1,part,disk,part,disk"],
] as const) {
  test.serial(`the disks of a tree boot: ${variant}`, async (t) => {
    const tree = join(project, `fixtures/devices/boot-${variant}.json`);
    const out = await build(t, variant, "--devices", tree, ...keys);
    const disks = names.map((serial) => ({
      path: join(out, `${serial}.img`),
      format: "raw" as const,
      serial,
      access: "snapshot" as const,
    }));
    t.like(await bootDemoDisks(disks, "efi"), { variant, stack });
  });
}
