import { statSync } from "node:fs";
import { resolve } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { compareDisks } from "../devices/changes/compare-disks.ts";
import type { DeviceTree } from "../devices/device-tree.ts";
import { treeFromFacts } from "../devices/found/read-tree.ts";
import { lookAtImages } from "../inspect/found/look-at-images.ts";
import { lookAtDisks } from "../machine/found/look-at-disks.ts";
import { readDevices } from "../request/read-devices.ts";
import type { Request } from "../request/schema.ts";
import type { Reporter } from "../runtime/reporter.ts";
import { printDifference } from "./disko-change.ts";

interface Call {
  /** Images, or disks of this machine, in the order of the tree's disks. */
  readonly paths: readonly string[];
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

/**
 * `mkimage plan --devices TREE --against DISK`: prints how disks differ from a tree.
 *
 * @throws MkimageError USAGE without a tree, and unless there is a path for each of its disks; MISMATCH when anything differs; as
 *   `compareDisks`, `lookAtDisks`, `lookAtImages`.
 */
export async function planAgainst(
  { devices, arg, argstr, lib }: Request,
  { paths, json, signal, reporter }: Call,
): Promise<void> {
  if (devices === undefined) {
    throw new MkimageError("USAGE", "--against compares disks with a device tree, and none is given", {
      hint: "give it with --devices disk.json, or disk.nix",
    });
  }
  const [expressions, strings] = [Object.fromEntries(arg), Object.fromEntries(argstr)];
  const source = { kind: "file", file: devices, lib, expressions, strings } as const;
  const { tree, notes } = await readDevices(source, { signal });
  notes.forEach((note) => reporter.note(note));
  const wanted = disksOf(tree, paths);
  const areImages = paths.every((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  const facts = areImages ? await lookAtImages(paths, { reporter, signal }) : await lookAtDisks(paths, "/mnt", signal);
  const { found } = treeFromFacts(facts);
  const disks = new Map(wanted.map(([key], index) => [key, found.diskKeys[index] ?? key]));
  const names = wanted.map(([, { name }], index) => [name, resolve(paths[index] ?? "")] as const);
  const setting = { root: "/mnt", devices: Object.fromEntries(names) };
  const difference = compareDisks({ wanted: tree, found, disks, setting, destroy: [] });
  const hint = "mkimage disko --mode apply changes the disks of the machine that it runs on";
  printDifference({ found, difference }, { json, hint }, { onNote: (text) => reporter.note(text) });
}

function disksOf({ disk }: DeviceTree, paths: readonly string[]): [key: string, node: DeviceTree["disk"][string]][] {
  const disks = Object.entries(disk);
  if (disks.length === paths.length) return disks;
  throw new MkimageError("USAGE", `the tree has ${disks.length} disks, and --against names ${paths.length}`, {
    hint: `name one for each, in this order: ${Object.keys(disk).join(", ")}`,
  });
}
