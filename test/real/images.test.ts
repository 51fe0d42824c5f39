import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { bootDemo } from "./boot-demo.ts";
import { otherFormats } from "./formats.ts";
import { demoSystem, judge, mkimage, reportOf, testFolder } from "./mkimage.ts";

test("every format holds the same disk as the raw image, of the same size", async (t) => {
  const folder = testFolder(t);
  const request = [demoSystem("systemd-boot"), "--partition", "efi", "--additional-space", "32M"];
  await mkimage(t, ["build", ...request, "--out", join(folder, "raw")]);
  const raw = join(folder, "raw/nixos.img");
  for (const { title, flags, name, driver } of otherFormats) {
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
