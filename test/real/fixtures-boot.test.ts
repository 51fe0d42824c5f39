import test from "ava";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../src/runtime/run.ts";
import { closureOf, command, demoSystem } from "./fixtures-build.ts";

const scratch = mkdtempSync(join(tmpdir(), "fixtures-boot-"));
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

/** A bare filesystem with the system in it. */
async function rootFilesystem(toplevel: string): Promise<string> {
  const folder = join(scratch, "root");
  for (const name of ["nix/store", "nix/var/nix/profiles", "dev", "etc", "proc", "sys", "run"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  command("cp", "-a", ...closureOf(toplevel), join(folder, "nix/store"));
  symlinkSync(toplevel, join(folder, "nix/var/nix/profiles/system-1-link"));
  symlinkSync("system-1-link", join(folder, "nix/var/nix/profiles/system"));
  const image = join(scratch, "root.img");
  writeFileSync(image, "");
  truncateSync(image, 256 * 1024 * 1024);
  await run("mke2fs", ["-q", "-F", "-t", "ext4", "-L", "nixos", "-d", folder, image]);
  return image;
}

test("kernel, initrd and init boot a root filesystem, say so on the serial port, and power off", async (t) => {
  const toplevel = demoSystem("none");
  const image = await rootFilesystem(toplevel);
  const { stdout } = await run(
    "qemu-system-x86_64",
    [
      ["-accel", "tcg", "-machine", "q35", "-m", "512", "-nographic", "-no-reboot", "-nic", "none"],
      ["-kernel", join(toplevel, "kernel"), "-initrd", join(toplevel, "initrd")],
      ["-append", `init=${toplevel}/init console=ttyS0 loglevel=4 panic=-1 demo.poweroff`],
      ["-drive", `file=${image},format=raw,if=virtio,cache=unsafe`],
    ].flat(),
    { deadlineSeconds: 180 },
  );
  const words = /mkimage-demo: booted (.*)/.exec(stdout)?.[1]?.trim().split(" ") ?? [];
  const report = Object.fromEntries(words.map((word) => word.split("=") as [string, string]));
  t.like(report, {
    variant: "none",
    firmware: "bios",
    generation: "1",
    root: "/dev/vda:ext4:nixos",
    boot: "-",
    efi: "-",
    partitions: "-",
    system: toplevel,
  });
  t.true(Number(report["available"]) > 50_000_000);
  await run("e2fsck", ["-fn", image]);
});
