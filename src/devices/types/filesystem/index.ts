import type { ContentType } from "../../content-type.ts";
import { filesystemLeaf } from "../../layout/filesystem-leaf.ts";
import { mountInNixos } from "../../nixos/mount.ts";
import { filesystemModules } from "../../steps/filesystem-modules.ts";
import { mountOf } from "../../tree/mount.ts";
import { identified } from "../../tree/taken.ts";
import { filesystemReading } from "./found.ts";
import { filesystemChanges } from "./changes.ts";
import { type FilesystemNode, filesystem } from "./schema.ts";
import { filesystemSteps } from "./steps.ts";

/** A filesystem on a disk, a partition, or whatever else is a block device. */
export const filesystemType: ContentType<FilesystemNode> = {
  schema: () => filesystem,
  layout: filesystemLeaf<FilesystemNode>(formatOf, mountOf),
  format: formatOf,
  steps: filesystemSteps,
  takes: ({ uuid }, path) => identified(uuid, path),
  mounts: mountOf,
  modules: ({ format }) => filesystemModules(format),
  changes: filesystemChanges,
  nixos: ({ node, installed }) => mountInNixos(node.mountpoint, installed, node.format, node.mountOptions),
  found: filesystemReading,
};

function formatOf({ format }: FilesystemNode): string {
  return format;
}
