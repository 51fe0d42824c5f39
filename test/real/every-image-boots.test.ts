import { join } from "node:path";
import test from "ava";
import { bootDemo, bootDemoByKernel } from "./boot-demo.ts";
import { type Format, otherFormats, rawFormat } from "./formats.ts";
import { demoSystem, mkimage, testFolder } from "./mkimage.ts";

interface Preset {
  readonly partition: string;
  readonly variant: string;
  /** Who starts the system: firmware, or QEMU, which is given the kernel. */
  readonly startedBy: readonly ("bios" | "efi" | "kernel")[];
}

/** These boot in no other test. */
const standing: readonly Preset[] = [
  { partition: "none", variant: "none", startedBy: ["kernel"] },
  { partition: "efi", variant: "systemd-boot-by-content", startedBy: ["efi"] },
];

const presets: readonly Preset[] = [
  ...standing,
  { partition: "legacy", variant: "grub", startedBy: ["bios"] },
  { partition: "legacy+boot", variant: "grub", startedBy: ["bios"] },
  { partition: "legacy+gpt", variant: "grub", startedBy: ["bios"] },
  { partition: "efi", variant: "systemd-boot", startedBy: ["efi"] },
  { partition: "efixbootldr", variant: "systemd-boot-xbootldr", startedBy: ["efi"] },
  { partition: "hybrid", variant: "grub-both", startedBy: ["bios", "efi"] },
];

const isLong = process.env["MKIMAGE_LONG"] === "1";
for (const preset of isLong ? presets : standing) {
  for (const format of isLong ? [rawFormat, ...otherFormats] : [rawFormat]) {
    test.serial(`${preset.partition} with ${preset.variant}, ${format.title}: it boots`, async (t) => {
      const out = join(testFolder(t), "out");
      const toplevel = demoSystem(preset.variant);
      await mkimage(t, ["build", toplevel, "--partition", preset.partition, ...format.flags, "--out", out]);
      for (const starter of preset.startedBy) {
        const greeting = await bootBy(starter, join(out, format.name), format, toplevel);
        t.like(greeting, { variant: preset.variant, firmware: starter === "efi" ? "efi" : "bios" });
      }
    });
  }
}

function bootBy(starter: Preset["startedBy"][number], image: string, { driver }: Format, toplevel: string) {
  return starter === "kernel" ? bootDemoByKernel(image, driver, toplevel) : bootDemo(image, starter, driver);
}
