import type { BtrfsNode } from "./schema.ts";
import { type StepContext, seededUuid } from "../../steps/context.ts";
import { sorted } from "../../tree/locate.ts";
import type { MountSteps } from "../../../steps/node-steps.ts";
import { type CommandStep, step } from "../../../steps/step.ts";
import { below } from "../../../steps/words.ts";

type SwapFiles = BtrfsNode["swap"];

/** Makes the swap files of a subvolume that is mounted at `folder`. */
export function createSwapFiles(files: SwapFiles, folder: string, path: string, context: StepContext): CommandStep[] {
  return sorted(files).map(([key, { size, path: own }]) => {
    const file = below(folder, own);
    const uuid = seededUuid(context, `${path}.swap.${key} uuid`);
    const named = uuid === undefined ? [] : ["--uuid", uuid];
    const argv = ["btrfs", "filesystem", "mkswapfile", "--size", lengthOf(size), ...named, file];
    const parent = ["mkdir", "-p", file.slice(0, file.lastIndexOf("/"))];
    return step(
      `${path}.swap.${key}`,
      `make swap file ${own}`,
      [{ kind: "fails", argv: ["test", "-e", file] }],
      parent,
      argv,
    );
  });
}

/** Switches the swap files on below a mount point of the system, after that is mounted. */
export function swapFileMounts(files: SwapFiles, mountpoint: string, path: string, root: string): MountSteps[] {
  return sorted(files).map(([key, { path: own, priority, options }]) => {
    const inSystem = below(mountpoint, own);
    const file = below(root, inSystem);
    const others = options.filter((option) => option !== "defaults");
    const swapon = [
      "swapon",
      ...(priority === null ? [] : [`--priority=${priority}`]),
      ...(others.length === 0 ? [] : [`--options=${others.join(",")}`]),
      file,
    ];
    const at = `${path}.swap.${key}`;
    return {
      mountpoint: inSystem,
      mount: [step(at, `swap to ${file}`, [{ kind: "does not hold", argv: ["is_swap", file] }], swapon)],
      unmount: [step(at, `stop swapping to ${file}`, [{ kind: "holds", argv: ["is_swap", file] }], ["swapoff", file])],
    };
  });
}

/** btrfs knows `2G`, but not `2GiB`. */
function lengthOf(size: string): string {
  return size.replace(/([KMGTP])i?B$/i, "$1");
}
