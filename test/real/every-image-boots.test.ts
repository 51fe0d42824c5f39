import { join } from "node:path";
import test from "ava";
import { bootDemo, bootDemoByKernel } from "./boot-demo.ts";
import { type Format, otherFormats, rawFormat } from "./formats.ts";
import { demoSystem, mkimage, testFolder } from "./mkimage.ts";
import { bare, type Preset, presets } from "./presets.ts";
import { isLong } from "../together/is-long.ts";

const byContent: Preset = { partition: "efi", variant: "systemd-boot-by-content", startedBy: ["efi"] };

// These two boot in no other test.
for (const preset of isLong ? [...presets, byContent] : [bare, byContent]) {
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
