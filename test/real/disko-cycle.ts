import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeviceTree } from "../../src/devices/device-tree.ts";
import type { JobFile, JobStep } from "../../src/guest/job.ts";
import type { GuestKernel } from "../../src/guest/kernel.ts";
import type { Disk } from "../../src/guest/qemu.ts";
import { runGuest } from "../../src/guest/run-guest.ts";
import { startUdev, withUdev } from "./guest-udev.ts";
import { openToolbox } from "../../src/guest/toolbox/toolbox.ts";
import { identityFrom } from "../../src/base/identity.ts";
import { solveLayout } from "../../src/devices/layout/solve.ts";
import { GiB } from "../../src/base/units.ts";
import { byteString } from "../../src/base/byte-string.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { isTool } from "../../src/runtime/tools.ts";
import { modulesOf } from "../../src/devices/steps/needed-modules.ts";
import { renderScript, toolsOf } from "../../src/devices/steps/script.ts";
import { treeSteps } from "../../src/devices/steps/tree-steps.ts";
import { fixture } from "../steps/fixtures.ts";

/** A device tree that is made, mounted, kept, destroyed and made anew. */
export interface Cycle {
  /** Of a fixture. */
  readonly name: string;
  /** A folder on one of its filesystems. Default: `/mnt`. */
  readonly place?: string;
  /** The password that somebody types whenever one is asked for, and mistypes once where it is asked for twice. */
  readonly typed?: string;
}

/** Where and with what the cycles run. */
export interface CycleGuest {
  readonly folder: string;
  readonly kernel: GuestKernel;
  readonly deadlineSeconds: number;
}

/** The words of a guest's programs about a tree; undefined when they said nothing of this kind. */
export type Said = (name: string, what: string) => string | undefined;

const modes = ["format", "mount", "unmount", "destroy"] as const;
const judges = "bash lsblk findmnt swapon sfdisk blkid blockdev lvs vgs mdadm cryptsetup btrfs wipefs".split(" ");
/** Keys and passwords of the fixtures. */
const secrets = ["/tmp/secret.key", "/tmp/additional.key", "/tmp/pass 'word'\n"];

/** The disks of a guest, by the keys of the disks of a tree in their order. */
export const kernelDisks = ["/dev/vda", "/dev/vdb", "/dev/vdc"];

/** How a tree is solved for the guest's disks. */
export function settingOf(tree: DeviceTree) {
  const keys = Object.keys(tree.disk).toSorted();
  const devices = Object.fromEntries(keys.map((key, index) => [key, kernelDisks[index] ?? ""]));
  const identity = identityFrom("a seed");
  const sizes = Object.fromEntries(keys.map((key) => [key, 2 * GiB]));
  return { root: "/mnt", devices, identity, layout: solveLayout(tree, { identity, needs: () => 0, sizes }) };
}

/** Runs the scripts of trees, one tree after the other, in one guest with real tools. */
export async function runCycles(cycles: readonly Cycle[], guest: CycleGuest): Promise<Said> {
  const trees = cycles.map(({ name }) => ({ name, tree: fixture(name) }));
  const scripts = trees.flatMap(({ name, tree }) =>
    modes.map((mode) => ({ path: `trees/${name}.${mode}`, steps: treeSteps(mode, tree, settingOf(tree)) })),
  );
  const names = [...new Set([...judges, ...scripts.flatMap(({ steps }) => toolsOf(steps))])];
  const tools = withUdev(names.filter(isTool));
  const toolbox = await openToolbox(tools, { architecture: "x86_64", workFolder: guest.folder });
  const job = {
    steps: [...toolbox.steps, ...startUdev(tools), ...secrets.map(secretStep), ...cycles.map(cycleStep)],
    files: [
      file("cycle", readFileSync(join(import.meta.dirname, "disko-cycle.sh"))),
      ...cycles.flatMap(({ name, typed }) => (typed === undefined ? [] : [file(`typed/${name}`, Buffer.from(typed))])),
      ...scripts.map(({ path, steps }) => file(path, Buffer.from(renderScript(steps)))),
    ],
    modules: [...toolbox.modules, ...new Set(trees.flatMap(({ tree }) => modulesOf(tree)))],
  };
  const { folder, kernel, deadlineSeconds } = guest;
  const disks = [...["a", "b", "c"].map((name) => emptyDisk(folder, name)), toolbox.disk];
  const machine = { architecture: "x86_64", acceleration: "tcg", kernel, disks } as const;
  const logPath = process.env["MKIMAGE_LOG"] ?? join(folder, "log");
  const { results } = await runGuest(machine, job, { logPath, resultsPath: join(folder, "results"), deadlineSeconds });
  toolbox.markProven();
  return (name, what) => {
    const inode = lookUp(results, byteString(`files/${name}/${what}`));
    return inode?.type === "file" ? contentOf(inode).toString().trim() : undefined;
  };
}

export function secretStep(path: string): JobStep {
  return { title: "make a key", argv: ["sh", "-c", 'echo "the key of a test" >"$1"', "sh", path] };
}

function cycleStep({ name, place = "/mnt" }: Cycle): JobStep {
  return { title: name, argv: ["/toolbox/bin/bash", "/job/cycle", name, place] };
}

/** A file that a job brings along. */
export function file(path: string, bytes: Uint8Array): JobFile {
  return { path: byteString(path), bytes };
}

/** A disk of 2 GiB that holds nothing. */
export function emptyDisk(folder: string, name: string): Disk {
  const path = join(folder, `disk-${name}`);
  writeFileSync(path, "");
  truncateSync(path, 2 * GiB);
  return { path, format: "raw", serial: `disk-${name}`, access: "scratch" };
}
