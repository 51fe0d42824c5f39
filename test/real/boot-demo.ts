import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bootImage } from "../../src/guest/boot.ts";
import { findFirmware } from "../../src/guest/firmware.ts";
import type { Disk, Machine } from "../../src/guest/qemu.ts";

/** The words of the demo system about itself when it has booted, by key. */
export type Greeting = Readonly<Record<string, string>>;

/** Boots an image of the demo system and gives what it says on its serial line. */
export async function bootDemo(
  path: string,
  firmware: "bios" | "efi",
  format: Disk["format"] = "raw",
  sectorSize: 512 | 4096 = 512,
): Promise<Greeting> {
  return bootDemoDisks([{ path, format, serial: "disk", access: "snapshot", sectorSize }], firmware);
}

/** Boots an image without a bootloader: QEMU is given the kernel of the system that is in it. */
export async function bootDemoByKernel(path: string, format: Disk["format"], toplevel: string): Promise<Greeting> {
  const own = readFileSync(join(toplevel, "kernel-params"), "utf8").trim();
  const kernel = {
    image: join(toplevel, "kernel"),
    initrd: join(toplevel, "initrd"),
    parameters: [`init=${toplevel}/init`, ...own.split(" ")],
  };
  return bootDemoDisks([{ path, format, serial: "disk", access: "snapshot", sectorSize: 512 }], "bios", kernel);
}

/** The same with the disks of a machine, of which the first is the one to boot from. */
export async function bootDemoDisks(
  disks: readonly Disk[],
  firmware: "bios" | "efi",
  kernel?: Machine["kernel"],
): Promise<Greeting> {
  const { matched = "" } = await bootImage({
    architecture: "x86_64",
    acceleration: "tcg",
    disks,
    deadlineSeconds: 240,
    until: /^mkimage-demo: booted /,
    ...(kernel === undefined ? {} : { kernel }),
    ...(firmware === "efi" ? { firmware: findFirmware({ architecture: "x86_64" }) } : {}),
  });
  return Object.fromEntries(matched.split(" ").map((word) => word.split(/=(.*)/s).slice(0, 2)));
}
