import type { BtrfsNode } from "./schema.ts";
import type { Claim, ClaimedDevice } from "../../../steps/claim.ts";
import type { StepContext } from "../../steps/context.ts";
import { argumentHere } from "../../steps/argument-here.ts";
import { createWithHooks, mountWithHooks } from "../../../steps/hooks.ts";
import { type Located, sorted } from "../../tree/locate.ts";
import { mkfsArguments } from "../../steps/mkfs.ts";
import { mountSteps } from "../../../steps/mount.ts";
import { type MountSteps, type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { mountedAside, scratchFolder } from "../../../steps/scratch.ts";
import { type CommandStep, type Step, step } from "../../../steps/step.ts";
import { splitWords } from "../../../base/split-words.ts";
import { below } from "../../../steps/words.ts";
import { createSwapFiles, swapFileMounts } from "./swap-files.ts";

type Subvolume = BtrfsNode["subvolumes"][string];

/** A btrfs filesystem with its subvolumes and swap files, each made where it is missing. */
export function btrfsSteps(located: Located<BtrfsNode>, context: StepContext): NodeSteps {
  const { node, path, device } = located;
  const { root } = context.setting;
  const mkfs = ["mkfs.btrfs", ...mkfsArguments(node, "btrfs", path, context), device];
  const claim = btrfsClaim(located, allMountOptions(node), context);
  const subvolumes = sorted(node.subvolumes);
  const inside = [
    ...createSwapFiles(node.swap, scratchFolder, path, context),
    ...subvolumes.flatMap(([key, subvolume]) => subvolumeSteps(key, subvolume, located, context)),
  ];
  const create = [
    step(path, `make a filesystem (btrfs) on ${device}`, [{ kind: "is unmade", claim }], mkfs),
    ...(inside.length === 0 ? [] : scan(located, claim)),
    ...insideSteps(located, claim, inside),
  ];
  const mounts = [
    ...mountsOf(node, { path, name: "/" }, located, claim, context),
    ...subvolumes.flatMap(([key, subvolume]) => {
      const at = { path: `${path}.subvolumes.${key}`, name: subvolume.name };
      return mountsOf(subvolume, at, located, claim, context);
    }),
  ];
  const place = { path, device, key: located.key, root };
  return {
    ...noSteps,
    claims: [claim],
    create: createWithHooks(node, place, create),
    open: scan(located, claim),
    mounts,
  };
}

/**
 * A filesystem on its device and on those that the arguments of its making name: all have its UUID. Without one of them
 * it is not mounted unless the tree says so, since what is written then is on the others alone, and stays so when the
 * device comes back.
 */
export function btrfsClaim(
  { path, device, node }: ClaimedDevice & { readonly node: { readonly extraArgs: readonly string[] } },
  mountOptions: readonly string[],
  { deviceNames }: StepContext,
): Claim {
  const further = furtherDevices(node.extraArgs).map((one) => ({ path, device: argumentHere(one, deviceNames) }));
  const isDegraded = mountOptions.some((options) => options.split(",").includes("degraded"));
  const hint = "replace what is missing, or give the mount option degraded to go on without it";
  return {
    thing: `the filesystem (btrfs) on ${device}`,
    wanted: further.length === 0 ? "a filesystem (btrfs)" : `a device of the filesystem (btrfs) on ${device}`,
    devices: [{ path, device }, ...further],
    own: { contents: ["btrfs"], owner: { argv: ["uuid_of"], name: null } },
    incomplete: isDegraded ? { kind: "used" } : { kind: "refused", hint },
  };
}

function allMountOptions(node: BtrfsNode): string[] {
  return [node, ...Object.values(node.subvolumes)].flatMap(({ mountOptions }) => mountOptions);
}

/** The devices that the arguments of mkfs name beside its own. */
export function furtherDevices(extraArgs: readonly string[]): string[] {
  const words = splitWords(extraArgs);
  return words.filter((word, index) => word.startsWith("/") && !/^(-r|--rootdir)$/.test(words[index - 1] ?? ""));
}

/** The kernel has to know every device of a filesystem on several; udev tells it, where there is one. */
function scan({ node, path }: Located<BtrfsNode>, claim: Claim): CommandStep[] {
  const argv = ["btrfs", "device", "scan"];
  return isOnSeveral(node) ? [step(path, "look for the devices of btrfs", [{ kind: "is made", claim }], argv)] : [];
}

function isOnSeveral({ extraArgs }: BtrfsNode): boolean {
  return furtherDevices(extraArgs).length > 0;
}

/** On several devices any one that is there is mounted. */
function insideSteps({ node, path, device }: Located<BtrfsNode>, claim: Claim, steps: readonly Step[]): Step[] {
  if (!isOnSeveral(node)) return mountedAside(path, ["mount", "-t", "btrfs", "-o", "subvol=/", device], steps);
  const options = claim.incomplete.kind === "used" ? "subvol=/,degraded" : "subvol=/";
  return mountedAside(path, ["mount_own", "-t", "btrfs", "-o", options], steps, [{ kind: "is made", claim }]);
}

function subvolumeSteps(key: string, node: Subvolume, located: Located<BtrfsNode>, context: StepContext): Step[] {
  const path = `${located.path}.subvolumes.${key}`;
  const { name } = node;
  const folder = below(scratchFolder, name);
  const create = step(
    path,
    `make subvolume ${name}`,
    [{ kind: "fails", argv: ["btrfs", "subvolume", "show", folder] }],
    ["mkdir", "-p", folder.slice(0, folder.lastIndexOf("/"))],
    ["btrfs", "subvolume", "create", ...splitWords(node.extraArgs), folder],
  );
  const place = { path, device: located.device, key: name, root: context.setting.root };
  return createWithHooks(node, place, [create, ...createSwapFiles(node.swap, folder, path, context)]);
}

/** The mount of the filesystem or one of its subvolumes, and of what it swaps to. */
function mountsOf(
  node: BtrfsNode | Subvolume,
  { path, name }: { readonly path: string; readonly name: string },
  { device, key, node: whole }: Located<BtrfsNode>,
  claim: Claim,
  { setting: { root } }: StepContext,
): MountSteps[] {
  const swapFolder = node.mountpoint ?? (whole.mountpoint === null ? null : below(whole.mountpoint, name));
  const swap = swapFolder === null ? [] : swapFileMounts(node.swap, swapFolder, path, root);
  if (node.mountpoint === null) return swap;
  const { mountpoint } = node;
  const options = node.type === "btrfs" ? node.mountOptions : [...node.mountOptions, `subvol=${name}`];
  // The kernel names any device of a filesystem on several as its source.
  const anyDevice = { mounted: ["findmnt", "--types=btrfs", "--mountpoint", below(root, mountpoint)], claim };
  const request = { path, device, type: "btrfs", options, mountpoint, root };
  const mounted = mountSteps(isOnSeveral(whole) ? { ...request, ...anyDevice } : request);
  return [mountWithHooks(node, { path, device, key: node.type === "btrfs" ? key : name, root }, mounted), ...swap];
}
