import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { findFirmware } from "../../src/guest/firmware.ts";
import { bootDemo } from "./boot-demo.ts";
import { mounted } from "./ext4-mount.ts";
import { buildFixtures } from "./fixtures-build.ts";
import { demoSystem, judge, mkimage, reportOf, testFolder } from "./mkimage.ts";
import { useOfflineNix } from "../nix/nix.ts";
import { isLong } from "../together/is-long.ts";

useOfflineNix();

test("nixpkgs' manual, first example: a qcow2 with nothing but store paths", async (t) => {
  const folder = testFolder(t);
  const out = join(folder, "out");
  const path = judge("nix-store", "--query", "--requisites", demoSystem("none"))
    .split("\n")
    .find((line) => line.includes("-util-linux-"));
  if (path === undefined) return t.fail("the demo system has util-linux");
  const wishes = ["--only-nix-store", "--partition", "none", "--no-install-boot-loader", "--no-touch-efi-vars"];
  await mkimage(
    t,
    ["build", ...wishes, "--additional-paths", path, "--additional-space", "0M", "--format", "qcow2", "--out", out],
    { folder },
  );
  judge("qemu-img", "check", join(out, "nixos.qcow2"));
  const raw = join(folder, "raw");
  judge("qemu-img", "convert", "-O", "raw", join(out, "nixos.qcow2"), raw);
  judge("e2fsck", "-fn", raw);
  t.is(judge("blkid", "-p", "-s", "LABEL", "-o", "value", raw).trim(), "nix-store");
  const closure = judge("nix-store", "--query", "--requisites", path).trim().split("\n").sort();
  await mounted(t, raw, (root) => {
    const names = judge("ls", root)
      .trim()
      .split("\n")
      .filter((name) => name !== "lost+found");
    t.deepEqual(names.map((name) => `/nix/store/${name}`).sort(), closure);
    for (const name of names) judge("diff", "-r", "--no-dereference", join("/nix/store", name), join(root, name));
  });
});

test("nixpkgs' manual, second example: legacy+gpt with a bootloader that writes EFI variables", async (t) => {
  const out = join(testFolder(t), "out");
  const wishes = ["--partition", "legacy+gpt", "--install-boot-loader", "--touch-efi-vars", "--accel", "tcg"];
  const sizes = ["--additional-space", "0M", "--mem-size", "2048"];
  await mkimage(t, ["build", demoSystem("grub"), ...wishes, ...sizes, "--format", "qcow2", "--out", out]);
  t.deepEqual(
    reportOf(out).files.map(({ name }) => name),
    ["efi-vars.fd", "nixos.qcow2"],
  );
  const template = findFirmware({ architecture: "x86_64" }).variables;
  t.is(statSync(join(out, "efi-vars.fd")).size, statSync(template).size);
  t.notDeepEqual(readFileSync(join(out, "efi-vars.fd")), readFileSync(template));
  t.like(await bootDemo(join(out, "nixos.qcow2"), "bios", "qcow2"), { variant: "grub", root: "/dev/vda2:ext4:nixos" });
});

if (isLong) {
  test("variables that an installer writes are published, and name what it wrote", async (t) => {
    const out = join(testFolder(t), "out");
    const wishes = ["--partition", "efi", "--touch-efi-vars", "--additional-space", "0M", "--accel", "tcg"];
    await mkimage(t, ["build", demoSystem("systemd-boot-variables"), ...wishes, "--out", out]);
    t.true(readFileSync(join(out, "efi-vars.fd")).includes(Buffer.from("Linux Boot Manager", "utf16le")));
  });
}

test("a file with an attribute names a system", async (t) => {
  const out = join(testFolder(t), "out");
  const file = join(buildFixtures("--flake")[0] as string, "default.nix");
  await mkimage(t, ["build", "--file", file, "--attr", "none", "--partition", "none", "--out", out]);
  t.regex(JSON.stringify(reportOf(out)), /nixos-system-demo-none/);
});

test("a bare call takes the only system of the flake in this folder", async (t) => {
  const out = join(testFolder(t), "out");
  const [folder] = buildFixtures("--single") as [string];
  const run = await mkimage(t, ["--format", "qcow2", "--partition", "efi", "--out", out], { folder });
  t.is(run.stdout, `${join(out, "nixos.qcow2")}\n`);
  judge("qemu-img", "check", join(out, "nixos.qcow2"));
});

test("several systems in one call have a folder each", async (t) => {
  const out = join(testFolder(t), "images");
  const flake = `path:${buildFixtures("--flake")[0]}`;
  const systems = [`${flake}#none`, `${flake}#systemd-boot`, `${flake}#none`];
  const run = await mkimage(t, ["build", ...systems, "--partition", "efi", "--jobs", "3", "--verbose", "--out", out]);
  const folders = ["none", "systemd-boot", "none-2"].map((name) => join(out, name));
  t.deepEqual(
    run.stdout.trim().split("\n"),
    folders.map((folder) => join(folder, "nixos.img")),
  );
  judge("cmp", join(out, "none/nixos.img"), join(out, "none-2/nixos.img"));
  t.regex(run.stderr, /^systemd-boot: Writing the image/m);
  t.is(run.stderr.match(/bin\/nix .* (eval|build) /g)?.length, 1, "all are evaluated once");
});
