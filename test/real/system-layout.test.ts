import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { demoSystem, mkimage, testFolder } from "./mkimage.ts";

// Without --partition the table follows from the system, be it a store path or a flake.

const layouts: readonly (readonly [variant: string, names: readonly string[], note: RegExp])[] = [
  ["none", ["1"], /legacy, since the system has no bootloader/],
  ["grub", ["1"], /legacy, since its GRUB is for BIOS/],
  ["grub-efi", ["ESP", "primary"], /efi, since its GRUB is for UEFI/],
  ["grub-both", ["ESP", "no-fs", "primary"], /hybrid, since its GRUB is for BIOS and for UEFI/],
  ["extlinux", ["1"], /legacy, since its extlinux is for BIOS/],
  ["systemd-boot-extra-commands", ["ESP", "primary"], /efi, since its systemd-boot is for UEFI/],
  [
    "systemd-boot-xbootldr",
    ["ESP", "BOOT", "ROOT"],
    /efixbootldr, since its systemd-boot.*\/efi and XBOOTLDR at \/boot/,
  ],
];

interface Plan {
  readonly disks: readonly { readonly table: { readonly partitions: readonly { readonly name?: string }[] } }[];
}

const flake = execFileSync(join(import.meta.dirname, "../../fixtures/build"), ["--flake"], { encoding: "utf8" }).trim();

for (const [variant, names, note] of layouts) {
  test.serial(`${variant}: as a store path and out of its flake`, async (t) => {
    for (const target of [demoSystem(variant), `${flake}#${variant}`]) {
      const { stdout, stderr } = await mkimage(t, ["plan", target, "--json"]);
      const [disk] = (JSON.parse(stdout) as Plan).disks;
      t.deepEqual(
        disk?.table.partitions.map(({ name }, index) => name ?? String(index + 1)),
        names,
      );
      t.regex(stderr, note, target);
    }
  });
}

test.serial("the image is that of the same table when it is asked for", async (t) => {
  const sums = [];
  for (const asked of [[], ["--partition", "efi"]]) {
    const out = join(testFolder(t), "out");
    await mkimage(t, ["build", demoSystem("systemd-boot"), ...asked, "--additional-space", "8M", "--out", out]);
    sums.push(
      createHash("sha256")
        .update(readFileSync(join(out, "nixos.img")))
        .digest("hex"),
    );
  }
  t.is(sums[0], sums[1]);
});
