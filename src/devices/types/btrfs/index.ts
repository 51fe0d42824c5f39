import { parseBytes } from "../../../layout/sector-text.ts";
import type { Bytes } from "../../../base/units.ts";
import type { ContentType } from "../../content-type.ts";
import { filesystemLeaf } from "../../layout/filesystem-leaf.ts";
import { filesystemModules } from "../../steps/filesystem-modules.ts";
import { mountsWithSubvolumes } from "../../tree/mount.ts";
import { btrfsReading } from "./found.ts";
import { btrfsChanges } from "./changes.ts";
import { btrfsInNixos } from "./nixos.ts";
import { type BtrfsNode, btrfs } from "./schema.ts";
import { swapFileShell } from "./shell.ts";
import { btrfsSteps } from "./steps.ts";
import { takenByBtrfs } from "./taken.ts";

/** A btrfs filesystem with subvolumes. */
export const btrfsType: ContentType<BtrfsNode> = {
  schema: () => btrfs,
  layout: filesystemLeaf(formatOf, mountsWithSubvolumes, swapFileBytes),
  format: formatOf,
  steps: btrfsSteps,
  shell: swapFileShell,
  takes: takenByBtrfs,
  mounts: mountsWithSubvolumes,
  modules: () => filesystemModules("btrfs"),
  changes: btrfsChanges,
  nixos: btrfsInNixos,
  found: btrfsReading,
};

function formatOf(): string {
  return "btrfs";
}

/** Swap files come on top of what is put into a filesystem. */
function swapFileBytes({ swap, subvolumes }: BtrfsNode): Bytes {
  const files = [swap, ...Object.values(subvolumes).map((subvolume) => subvolume.swap)].flatMap((set) =>
    Object.values(set),
  );
  return files.reduce((sum, { size }) => sum + parseBytes(size), 0);
}
