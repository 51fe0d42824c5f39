import type { BtrfsNode } from "../../devices/btrfs.ts";
import type { StepContext } from "../context.ts";
import { createWithHooks, mountWithHooks } from "../hooks.ts";
import { type Located, sorted } from "../located.ts";
import { mkfsArguments } from "../mkfs.ts";
import { mountSteps } from "../mount.ts";
import { type MountSteps, type NodeSteps, noSteps } from "../node-steps.ts";
import { mountedAside, scratchFolder } from "../scratch.ts";
import { type CommandStep, type Step, step } from "../step.ts";
import { splitWords } from "../../devices/split-words.ts";
import { below } from "../words.ts";
import { createSwapFiles, swapFileMounts } from "./btrfs-swap.ts";

type Subvolume = BtrfsNode["subvolumes"][string];

/** A btrfs filesystem with its subvolumes and swap files, each made where it is missing. */
export function btrfsSteps(located: Located<BtrfsNode>, context: StepContext): NodeSteps {
  const { node, path, device } = located;
  const { root } = context.setting;
  const mkfs = ["mkfs.btrfs", ...mkfsArguments(node, "btrfs", path, context), device];
  const subvolumes = sorted(node.subvolumes);
  const inside = [
    ...createSwapFiles(node.swap, scratchFolder, path, context),
    ...subvolumes.flatMap(([key, subvolume]) => subvolumeSteps(key, subvolume, located, context)),
  ];
  const create = [
    step(path, `make a filesystem (btrfs) on ${device}`, [{ kind: "is empty", device }], mkfs),
    ...mountedAside(path, ["mount", "-t", "btrfs", "-o", "subvol=/", device], inside),
  ];
  const mounts = [
    ...mountsOf(node, "/", located, context),
    ...subvolumes.flatMap(([key, subvolume]) => mountsOf(subvolume, subvolume.name ?? key, located, context)),
  ];
  const place = { path, device, root };
  return { ...noSteps, create: createWithHooks(node, place, create), open: scan(located), mounts };
}

/** The kernel has to know every device of a filesystem on several; udev tells it, where there is one. */
function scan({ node, path }: Located<BtrfsNode>): CommandStep[] {
  const argv = ["btrfs", "device", "scan"];
  return isOnSeveral(node) ? [step(path, "look for the devices of btrfs", [], argv)] : [];
}

function isOnSeveral({ extraArgs }: BtrfsNode): boolean {
  return splitWords(extraArgs).some((word) => word.startsWith("/"));
}

function subvolumeSteps(key: string, node: Subvolume, located: Located<BtrfsNode>, context: StepContext): Step[] {
  const path = `${located.path}.subvolumes.${key}`;
  const name = node.name ?? key;
  const folder = below(scratchFolder, name);
  const create = step(
    path,
    `make subvolume ${name}`,
    [{ kind: "fails", argv: ["btrfs", "subvolume", "show", folder] }],
    ["mkdir", "-p", folder.slice(0, folder.lastIndexOf("/"))],
    ["btrfs", "subvolume", "create", ...splitWords(node.extraArgs), folder],
  );
  const place = { path, device: located.device, root: context.setting.root };
  return createWithHooks(node, place, [create, ...createSwapFiles(node.swap, folder, path, context)]);
}

/** The mount of the filesystem or one of its subvolumes, and of what it swaps to. */
function mountsOf(
  node: BtrfsNode | Subvolume,
  name: string,
  { path, device, node: whole }: Located<BtrfsNode>,
  { setting: { root } }: StepContext,
): MountSteps[] {
  const swapFolder = node.mountpoint ?? (whole.mountpoint === null ? null : below(whole.mountpoint, name));
  const swap = swapFolder === null ? [] : swapFileMounts(node.swap, swapFolder, path, root);
  if (node.mountpoint === null) return swap;
  const { mountpoint } = node;
  const options = node.type === "btrfs" ? node.mountOptions : [...node.mountOptions, `subvol=${name}`];
  // The kernel names any device of a filesystem on several as its source.
  const anyDevice = { mounted: ["findmnt", "--types=btrfs", "--mountpoint", below(root, mountpoint)] };
  const request = { path, device, type: "btrfs", options, mountpoint, root };
  const mounted = mountSteps(isOnSeveral(whole) ? { ...request, ...anyDevice } : request);
  return [mountWithHooks(node, { path, device, root }, mounted), ...swap];
}
