import { statSync } from "node:fs";
import { isList, type NixValue, nixValue } from "../nix/nix-text.ts";
import { treeFromFacts, type ReadTree } from "../devices/found/read-tree.ts";
import { MkimageError } from "../base/errors.ts";
import { printable, printableItem, printableJson } from "../inspect/printable.ts";
import { lookAtImages } from "../inspect/found/look-at-images.ts";
import { lookAtDisks } from "../machine/found/look-at-disks.ts";
import type { StepWatch } from "./watch-steps.ts";

interface ReadFlags {
  readonly rootMountpoint: string;
  readonly nix?: boolean;
}

/**
 * Prints the device tree of disks of this machine, or of images, as they are, and notes what no tree can say.
 *
 * @throws MkimageError USAGE when no disk is named; and as `lookAtDisks`, `treeFromFacts`.
 */
export async function readDisks(
  paths: readonly string[],
  { rootMountpoint, nix = false }: ReadFlags,
  signal: AbortSignal,
  watch: StepWatch,
): Promise<void> {
  if (paths.length === 0) {
    throw new MkimageError("USAGE", "no disk is named that is to be read", {
      hint: "give disks such as /dev/sda, all that belong together; lsblk lists them",
    });
  }
  const images = paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (images.length > 0 && images.length < paths.length) {
    throw new MkimageError("USAGE", `${images[0]} is a file, and others are devices`, {
      hint: "read the disks of this machine and images each by themselves",
    });
  }
  const reporter = { note: watch.onNote, task: watch.task };
  const facts =
    images.length > 0
      ? await lookAtImages(images, { reporter, signal })
      : await lookAtDisks(paths, rootMountpoint, signal);
  const read = treeFromFacts(facts);
  for (const { path, reason } of read.found.unexpressed) watch.onNote(printableItem(`${path}: ${reason}`));
  const plain = printableValue(read.text);
  if (nix && JSON.stringify(plain) !== JSON.stringify(read.text)) watch.onNote(changedNames);
  watch.product(nix ? nixText(plain) : printableJson(read.text, 2), factsOf(read));
}

const changedNames =
  "some names have characters that a terminal would obey: in Nix they are written as \\x1b, and are other names; JSON has them as they are";

function nixText(tree: NixValue): string {
  return `{\n  disko.devices = ${nixValue(tree, "  ")};\n}`;
}

/** A text of Nix has no escapes for most of what a terminal would obey. */
function printableValue(value: NixValue): NixValue {
  if (typeof value === "string") return printable(value);
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(printableValue);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [printable(name), printableValue(one)]));
}

function factsOf({ text, found: { nodes, unexpressed } }: ReadTree) {
  return { tree: text, nodes: Object.fromEntries(nodes), unexpressed };
}
