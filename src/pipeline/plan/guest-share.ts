import { contentTypeOf } from "../../devices/registry.ts";
import { contentsOf } from "../../devices/tree/contents.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import type { WrittenFilesystem } from "../../filesystems/survey.ts";
import type { Layout } from "../../layout/layout.ts";
import type { Identity } from "../../base/identity.ts";
import { type Bytes, MiB, roundUp } from "../../base/units.ts";
import type { DirectoryInode } from "../../manifest/inode.ts";
import { namesOf } from "../../manifest/tree.ts";
import type { LaidOut, StepSetting } from "../../steps/setting.ts";
import type { Step } from "../../steps/step.ts";
import { treeSteps } from "../../devices/steps/tree-steps.ts";
import { diskDevice } from "./described-disks.ts";
import type { MountedFiles } from "./filesystem-survey.ts";
import type { ImagePlan, PlannedFilesystem } from "./image-plan.ts";
import { laidOutOf, pathOf } from "./laid-out-nodes.ts";

/** Where a guest mounts the system that it makes. */
export const guestRoot = "/mnt";

/**
 * The part of an image that a guest makes: containers with their contents, and filesystems that only a kernel writes.
 * Decided once, with the recipe, for disks of any size.
 */
export interface GuestShare {
  /** The layout of the drafted image. */
  readonly layout: Layout;
  /** The nodes that `make` does not make, by their path in the tree. */
  readonly laidOut: ReadonlyMap<string, LaidOut>;
  /** Makes all of it, on the disks of the drafted image, on which the host has laid out its own share. */
  readonly make: readonly Step[];
  /** Opens the containers, and mounts the filesystems that are to be filled; none where there are none. */
  readonly mountFilled: readonly Step[];
  /** Opens and mounts everything, as the system itself has it. */
  readonly mountAll: readonly Step[];
  /** Unmounts what is mounted, and closes what is open. */
  readonly unmount: readonly Step[];
  /** The filesystems that the host lays out, and a guest copies into their containers, by their paths in the tree. */
  readonly copied: readonly string[];
  /** The mount points of those that it fills, outer ones first. */
  readonly filled: readonly string[];
}

/** A share on disks of a plan: what depends on their sizes and files. */
export interface ShareOfDisks {
  readonly make: readonly Step[];
  readonly copies: readonly CopiedFilesystem[];
  readonly folders: readonly MountedFiles[];
}

/** A filesystem whose blocks are copied; on their way there they stand `start` bytes into a disk for all of them. */
export interface CopiedFilesystem {
  readonly plan: WrittenFilesystem;
  readonly files: DirectoryInode;
  readonly start: Bytes;
}

/** The input from which the share of a guest follows, besides the plan. */
interface GuestSource {
  readonly tree: DeviceTree;
  readonly identity: Identity;
  /** Where the passwords of containers are in the guest, by the containers' names. */
  readonly passwords: ReadonlyMap<string, string>;
}

/** Divides a drafted image between the host and a guest, where a guest makes its disks. Pure. */
export function guestShareOf(source: GuestSource, plan: ImagePlan): GuestShare {
  const { tree } = source;
  const { layout } = plan;
  const copied = plan.filesystems.filter(isCopied).map(pathOf);
  const laidOut = laidOutOf(tree, plan, copied);
  const setting = settingOf(source, laidOut, layout);
  const filled = foldersOf(plan.filesystems.filter((planned) => planned.plan.madeBy === "guest"));
  const closed = closedPaths(tree);
  const mountAll = treeSteps("mount", tree, setting).filter(({ path }) => !closed.has(path));
  const byHost = new Set(plan.filesystems.filter(({ plan: { madeBy } }) => madeBy === "host").map(pathOf));
  const isFilled = ({ path }: Step) => !byHost.has(path) && !path.startsWith("nodev.");
  return {
    layout,
    laidOut,
    make: treeSteps("format", tree, setting),
    mountFilled: filled.length === 0 ? [] : mountAll.filter(isFilled),
    mountAll,
    unmount: treeSteps("unmount", tree, setting),
    copied,
    filled: filled.map(({ mountpoint }) => mountpoint),
  };
}

/**
 * A share on disks of a plan of the same tree, larger ones or those of an image that has its bootloader. Only the steps that
 * make it can name a size: that of a thin volume which is a share of its pool. Pure.
 */
export function shareOn(share: GuestShare, source: GuestSource, { layout, filesystems }: ImagePlan): ShareOfDisks {
  const planned = new Map(filesystems.map((one) => [pathOf(one), one]));
  const copies = share.copied.flatMap((path) => {
    const { plan, files } = planned.get(path) ?? {};
    return plan?.madeBy === "host" && files !== undefined ? [{ plan, files }] : [];
  });
  const mounts = new Map(filesystems.flatMap((one) => one.mounts.map((mount) => [mount.mountpoint, mount] as const)));
  return {
    make:
      layout === share.layout ? share.make : treeSteps("format", source.tree, settingOf(source, share.laidOut, layout)),
    copies: withStarts(copies),
    folders: share.filled.flatMap((mountpoint) => mounts.get(mountpoint) ?? []),
  };
}

function settingOf({ identity, passwords }: GuestSource, laidOut: GuestShare["laidOut"], layout: Layout): StepSetting {
  const devices = Object.fromEntries(layout.disks.map(({ name }) => [name, diskDevice(name)]));
  return { root: guestRoot, devices, identity, layout, laidOut, passwords, blank: true };
}

/** The files of filesystems by where they are mounted, outer mount points first. */
export function foldersOf(filesystems: readonly PlannedFilesystem[]): MountedFiles[] {
  return filesystems.flatMap(({ mounts }) => mounts).toSorted((one, other) => depth(one) - depth(other));
}

function isCopied({ filesystem, plan }: PlannedFilesystem): boolean {
  return plan.madeBy === "host" && filesystem.place === null;
}

/** The nodes that a guest which fills the disks does not open, such as swap space. */
function closedPaths(tree: DeviceTree): ReadonlySet<string> {
  const closed = contentsOf(tree).filter(({ node }) => contentTypeOf(node).isForSystemOnly === true);
  return new Set(closed.map(({ path }) => path));
}

function withStarts(copies: readonly Omit<CopiedFilesystem, "start">[]): CopiedFilesystem[] {
  let end: Bytes = 0;
  return copies.map((copy) => {
    const start = end;
    end = roundUp(start + copy.plan.size, MiB);
    return { ...copy, start };
  });
}

function depth({ mountpoint }: MountedFiles): number {
  return namesOf(mountpoint).length;
}
