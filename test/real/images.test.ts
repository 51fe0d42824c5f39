import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { bootDemo } from "./boot-demo.ts";
import { demoSystem, judge, mkimage, reportOf, testFolder } from "./mkimage.ts";

interface Case {
  readonly title: string;
  readonly flags: readonly string[];
  readonly name: string;
  /** What qemu-img calls it. */
  readonly driver: string;
}

const cases: readonly Case[] = [
  { title: "qcow2", flags: ["--format", "qcow2"], name: "nixos.qcow2", driver: "qcow2" },
  { title: "qcow2 by zlib", flags: ["--format", "qcow2-compressed"], name: "nixos.qcow2", driver: "qcow2" },
  {
    title: "qcow2 by zstd",
    flags: ["--format", "qcow2-compressed", "--compression", "zstd"],
    name: "nixos.qcow2",
    driver: "qcow2",
  },
  { title: "vdi", flags: ["--format", "vdi"], name: "nixos.vdi", driver: "vdi" },
  { title: "vpc", flags: ["--format", "vpc"], name: "nixos.vhd", driver: "vpc" },
  { title: "vhdx", flags: ["--format", "vhdx"], name: "nixos.vhdx", driver: "vhdx" },
  { title: "vmdk", flags: ["--format", "vmdk"], name: "nixos.vmdk", driver: "vmdk" },
];

test("every format holds the same disk as the raw image, of the same size", async (t) => {
  const folder = testFolder(t);
  const request = [demoSystem("systemd-boot"), "--partition", "efi", "--additional-space", "32M"];
  await mkimage(t, ["build", ...request, "--out", join(folder, "raw")]);
  const raw = join(folder, "raw/nixos.img");
  for (const { title, flags, name, driver } of cases) {
    const out = join(folder, title);
    await mkimage(t, ["build", ...request, ...flags, "--out", out]);
    t.regex(judge("qemu-img", "compare", "-f", "raw", "-F", driver, raw, join(out, name)), /identical/, title);
    const size = (JSON.parse(judge("qemu-img", "info", "--output=json", "-f", driver, join(out, name))) as Info)[
      "virtual-size"
    ];
    t.is(reportOf(out).disks[0]?.size, size, title);
    t.true(existsSync(join(out, "nix-support/hydra-build-products")), title);
  }
});

interface Info {
  readonly "virtual-size": number;
}

test("a machine boots from a compressed qcow2, in which qemu-img finds nothing wrong", async (t) => {
  const out = join(testFolder(t), "out");
  const request = ["--partition", "efi", "--format", "qcow2-compressed", "--compression", "zstd", "--out", out];
  await mkimage(t, ["build", demoSystem("systemd-boot"), ...request]);
  const image = join(out, "nixos.qcow2");
  t.regex(judge("qemu-img", "check", image), /No errors were found/);
  t.like(await bootDemo(image, "efi", "qcow2"), { variant: "systemd-boot", firmware: "efi" });
});
