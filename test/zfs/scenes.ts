import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DeviceTree } from "../../src/devices/device-tree.ts";
import type { GuestKernel } from "../../src/guest/kernel.ts";
import type { Disk } from "../../src/guest/qemu.ts";
import { runGuest } from "../../src/guest/run-guest.ts";
import { startUdev, withUdev } from "../real/guest-udev.ts";
import { openToolbox } from "../../src/guest/toolbox/toolbox.ts";
import { byteString } from "../../src/base/byte-string.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { isTool } from "../../src/runtime/tools.ts";
import { modulesOf } from "../../src/devices/steps/needed-modules.ts";
import { renderScript, toolsOf } from "../../src/devices/steps/script.ts";
import { treeSteps } from "../../src/devices/steps/tree-steps.ts";
import { emptyDisk, file, type Said, settingOf } from "../real/disko-cycle.ts";

/** Scenes of `scenes.sh`, the trees that they speak of, and the disks that they happen on. */
export interface Scenes {
  readonly names: readonly string[];
  readonly trees: Readonly<Record<string, DeviceTree>>;
  /** Default: three that hold nothing. */
  readonly disks?: readonly Disk[];
}

const modes = ["format", "mount", "unmount", "destroy"] as const;
const judges = ["bash", "findmnt", "mkfs.ext4", "partprobe", "wipefs", "zfs", "zpool"];

/** Runs scenes one after the other, in one guest with real tools. */
export async function runScenes(
  { names, trees, disks }: Scenes,
  { folder, kernel }: { readonly folder: string; readonly kernel: GuestKernel },
): Promise<Said> {
  const scripts = Object.entries(trees).flatMap(([name, tree]) =>
    modes.map((mode) => ({ path: `trees/${name}.${mode}`, steps: treeSteps(mode, tree, settingOf(tree)) })),
  );
  const tools = [...new Set([...judges, ...scripts.flatMap(({ steps }) => toolsOf(steps))])];
  const all = withUdev(tools.filter(isTool));
  const toolbox = await openToolbox(all, { architecture: "x86_64", workFolder: folder });
  const job = {
    steps: [
      ...toolbox.steps,
      ...startUdev(all),
      ...names.map((name) => ({ title: name, argv: ["/toolbox/bin/bash", "/job/scenes", name] })),
    ],
    files: [
      file("scenes", readFileSync(join(import.meta.dirname, "scenes.sh"))),
      ...scripts.map(({ path, steps }) => file(path, Buffer.from(renderScript(steps)))),
    ],
    modules: [...toolbox.modules, ...new Set(Object.values(trees).flatMap(modulesOf))],
  };
  const own = disks ?? ["a", "b", "c"].map((name) => emptyDisk(folder, name));
  const machine = { architecture: "x86_64", acceleration: "tcg", kernel, disks: [...own, toolbox.disk] } as const;
  const paths = { logPath: process.env["MKIMAGE_LOG"] ?? join(folder, "log"), resultsPath: join(folder, "results") };
  const { results } = await runGuest(machine, job, { ...paths, deadlineSeconds: 3600 });
  toolbox.markProven();
  return (name, what) => {
    const inode = lookUp(results, byteString(`files/${name}/${what}`));
    return inode?.type === "file" ? contentOf(inode).toString().trim() : undefined;
  };
}
