import { MkimageError } from "../../base/errors.ts";
import { isList, type NixValue } from "../../nix/nix-text.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { FoundDisks } from "../found.ts";
import { contentTypes, unitKinds, unitTypeOf } from "../registry.ts";
import { sorted } from "../tree/locate.ts";
import { readDeviceTree } from "../tree/read.ts";
import { readDiskNode } from "../types/disk/found.ts";
import type { BlockFacts, StorageFacts } from "./facts.ts";
import { keyFor } from "./keys.ts";
import type { ContentReading, NodeText } from "./reading.ts";
import { TreeWalk } from "./tree-walk.ts";

/** Disks that were read, and their tree as a user would write it. */
export interface ReadTree {
  readonly found: FoundDisks;
  readonly text: NodeText;
}

/**
 * Reads a device tree from disks as they are. What no tree can say is among what is unexpressed.
 *
 * @throws MkimageError BAD_IMAGE when they say what no tree may have.
 */
export function treeFromFacts(facts: StorageFacts): ReadTree {
  const walk = new TreeWalk(facts, readings());
  const disks = nameDisks(facts);
  const text: Record<string, NodeText> = { disk: readDisks(disks, walk) };
  // What a group provides may hold members of another one.
  for (let group = walk.nextGroup(); group !== undefined; group = walk.nextGroup()) {
    const node = unitTypeOf(group.kind).found?.read(group, walk) ?? {};
    text[group.kind] = { ...text[group.kind], [group.key]: node };
  }
  walk.noteUnplaced();
  const ordered = withoutNulls(Object.fromEntries(unitKinds.map((kind) => [kind, text[kind] ?? null])));
  const { nodes, unexpressed } = walk;
  return { found: { tree: treeOf(ordered), diskKeys: [...disks.keys()], nodes, unexpressed }, text: ordered };
}

/** How each type is read that can be. */
function readings(): ContentReading[] {
  return Object.values(contentTypes).flatMap(({ found }: { readonly found?: ContentReading }) => found ?? []);
}

/** The readings of what fills a device: more than one where that is not known. */
export function readingsOf(block: BlockFacts): ContentReading[] {
  return readings().filter(({ fills }) => fills(block));
}

/** A disk on its way into the tree. */
interface NamedDisk {
  readonly block: BlockFacts;
  readonly name: string;
}

/** The disks by their keys, in the order in which they were asked for. */
function nameDisks(facts: StorageFacts): ReadonlyMap<string, NamedDisk> {
  const named = new Map<string, NamedDisk>();
  for (const disk of facts.disks) {
    const block = facts.devices.get(disk);
    if (block === undefined) throw new MkimageError("INTERNAL", `nothing was looked at of ${disk}`);
    const name = readingsOf(block)[0]?.holderName?.(block) ?? block.name;
    named.set(keyFor(name, named.keys(), "disk"), { block, name: name.replaceAll("/", "_") });
  }
  return named;
}

/** In the order in which a tree makes its disks. */
function readDisks(disks: ReadonlyMap<string, NamedDisk>, walk: TreeWalk): NodeText {
  const ordered = sorted(Object.fromEntries(disks));
  return Object.fromEntries(ordered.map(([key, { block, name }]) => [key, readDiskNode(block, key, name, walk)]));
}

/** Nothing is what goes without saying. */
function withoutNulls(node: NodeText): NodeText {
  const entries = Object.entries(node).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, plainly(value)]));
}

function plainly(value: NixValue): NixValue {
  if (typeof value !== "object" || value === null) return value;
  return isList(value) ? value.map(plainly) : withoutNulls(value);
}

function treeOf(text: NodeText): DeviceTree {
  try {
    return readDeviceTree(text);
  } catch (error) {
    if (!(error instanceof MkimageError)) throw error;
    throw new MkimageError("BAD_IMAGE", "what is on the disks makes no device tree", {
      details: error.details,
      cause: error,
    });
  }
}
