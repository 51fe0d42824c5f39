import { closeSync, openSync, readFileSync, statfsSync } from "node:fs";
import { join, relative } from "node:path";
import { byteString } from "../../base/byte-string.ts";
import { MkimageError } from "../../base/errors.ts";
import type { BlockFacts, BlockUse, FstabLine, StorageFacts } from "../../devices/found/facts.ts";
import { parseFstab } from "../../bootloaders/growth/fstab.ts";
import { DiskBytes } from "../../image/disk-bytes.ts";
import { viewsOfRaw } from "../../image/reading/raw-views.ts";
import {
  diskOf,
  isPartition,
  loopsOver,
  nodeFolder,
  nodeOfDevicePath,
  nodesAbove,
  nodesOfMount,
} from "../block-nodes.ts";
import { describeDevice, inspectDevice } from "../inspect-device.ts";
import { mountOf, readMounts, readSwapSpaces } from "../mount-table.ts";
import { namesIn, readText, runningSystem } from "../system-files.ts";
import { askQuestions } from "./ask-questions.ts";
import { FailingDisk } from "./failing-disk.ts";
import { lookAtBlock } from "./look-at-block.ts";

/**
 * Looks at disks of this machine and at all that stands on them. Writes nothing, and assembles, activates and mounts nothing.
 *
 * @param mountRoot where a system that is being installed is mounted.
 * @throws MkimageError REFUSED_DEVICE for what is no disk; BAD_REQUEST for one that is given twice.
 */
export async function lookAtDisks(
  paths: readonly string[],
  mountRoot: string,
  signal?: AbortSignal,
): Promise<StorageFacts> {
  const disks: string[] = [];
  for (const path of paths) disks.push(await nameOfDisk(path, disks));
  const names = new Set(disks.flatMap((name) => [...nodesAbove(runningSystem, name).nodes]));
  const devices = new Map<string, BlockFacts>();
  for (const name of names) devices.set(name, await lookAtDevice(name, signal));
  const systemRoot = rootOf([...devices.values()], mountRoot);
  return { disks, devices, systemRoot, fstab: readFstab(systemRoot) };
}

async function nameOfDisk(path: string, others: readonly string[]): Promise<string> {
  const { name, partitionOf } = await inspectDevice(path);
  if (partitionOf !== undefined) {
    throw new MkimageError("REFUSED_DEVICE", `${path} is a partition of ${partitionOf}`, {
      hint: `name the disk: /dev/${partitionOf}`,
    });
  }
  if (!others.includes(name)) return name;
  throw new MkimageError("BAD_REQUEST", `${path} is given twice`, { hint: "name each disk once" });
}

async function lookAtDevice(name: string, signal?: AbortSignal): Promise<BlockFacts> {
  const path = join("/dev", name);
  const described = describeDevice(runningSystem, { path, name, signatures: [], protectedPaths: [] });
  const { size, sectorSize, partitions, byIdPaths } = described;
  const folder = nodeFolder(runningSystem, name);
  const mapped = readText(join(folder, "dm/name"));
  const looked = await lookInto(path, size, sectorSize, signal);
  const block: BlockFacts = {
    name,
    path: mapped === undefined ? path : join("/dev/mapper", mapped),
    byIdPaths,
    size,
    ...looked,
    partitions,
    above: namesIn(join(folder, "holders")),
    loops: loopsOn(name),
    below: namesIn(join(folder, "slaves")),
    mapped: mapped === undefined ? null : { name: mapped, uuid: readText(join(folder, "dm/uuid")) ?? "" },
    uses: usesOf(name),
    answers: {},
  };
  return { ...block, answers: await askQuestions(block, path, signal) };
}

async function lookInto(path: string, size: number, sectorSize: number, signal: AbortSignal | undefined) {
  const descriptor = openSync(path, "r");
  try {
    const bytes = new DiskBytes(new FailingDisk(descriptor, byteString(path)), 0, size);
    return await lookAtBlock({ raw: viewsOfRaw(path), bytes, sectorSize }, signal);
  } finally {
    closeSync(descriptor);
  }
}

/** One over a disk shows all of its partitions, at places that only its own users know. */
function loopsOn(name: string): string[] {
  const disk = isPartition(runningSystem, name) ? diskOf(runningSystem, name) : undefined;
  return [name, ...(disk === undefined ? [] : [disk])].flatMap((one) => loopsOver(runningSystem, one));
}

function usesOf(name: string): BlockUse[] {
  const all = readMounts(runningSystem);
  const mounts = all.filter((mount) => nodesOfMount(runningSystem, mount).includes(name));
  const swaps = readSwapSpaces(runningSystem);
  return [
    ...mounts.map(({ mountPoint, root, options }): BlockUse => {
      return { kind: "mount", mountPoint, root, options, used: usedBytes(mountPoint) };
    }),
    ...swaps.flatMap(({ path, size, priority }): BlockUse[] => {
      if (nodeOfDevicePath(runningSystem, path) === name) return [{ kind: "swap", priority }];
      const mount = path.startsWith("/dev/") ? undefined : mountOf(path, all);
      if (mount === undefined || !mounts.includes(mount)) return [];
      return [{ kind: "swap file", root: mount.root, path: relative(mount.mountPoint, path), size, priority }];
    }),
  ];
}

function usedBytes(mountPoint: string): number | undefined {
  try {
    const { blocks, bfree, bsize } = statfsSync(mountPoint);
    return (blocks - bfree) * bsize;
  } catch {
    return undefined;
  }
}

/** The running system's, where it is on these disks, else that of a system that is mounted to be installed; its root may be in memory. */
function rootOf(devices: readonly BlockFacts[], mountRoot: string): string {
  const places = devices.flatMap(({ uses }) => uses.flatMap((use) => (use.kind === "mount" ? use.mountPoint : [])));
  const isThere = readMounts(runningSystem).some(({ mountPoint }) => mountPoint === mountRoot);
  const isBelow = places.some((place) => place === mountRoot || place.startsWith(`${mountRoot}/`));
  return isThere && isBelow && !places.includes("/") ? mountRoot : "/";
}

function readFstab(root: string): FstabLine[] {
  try {
    return parseFstab(readFileSync(join(root, "etc/fstab"), "utf8"));
  } catch {
    return [];
  }
}
