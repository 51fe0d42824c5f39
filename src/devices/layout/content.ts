import type { PartitionContent } from "../content.ts";
import type { BtrfsNode } from "../types/btrfs/schema.ts";
import type { FilesystemNode } from "../types/filesystem/schema.ts";
import { mountsOfFilesystem } from "../tree/mountpoints.ts";
import { MkimageError } from "../../base/errors.ts";
import { namesOf } from "../../layout/identity-of-filesystem.ts";
import type { ContentLayout, FilesystemLayout, Place, SwapLayout } from "../../layout/layout.ts";
import { layOutLuks, neededForLuks } from "../types/luks/layout.ts";
import { membershipOf } from "./membership.ts";
import type { ContentNode, Solver } from "./solver.ts";
import { parseBytes } from "../../layout/sector-text.ts";
import { type Bytes, MiB } from "../../base/units.ts";

/** The least size of a block device for this content; `fixedSize` as in FilesystemRequest. */
export function neededSize(content: ContentNode, fixedSize: Bytes | null, solver: Solver): Bytes {
  const { node, path, sectorSize } = content;
  const member = membershipOf(node, path);
  if (member !== undefined) return fixedSize === null ? solver.memberNeed(member) : 0;
  switch (node.type) {
    case "filesystem":
      return solver.request.needs({ ...describe(node, path, solver), path, sectorSize, fixedSize });
    case "btrfs":
      return (
        solver.request.needs({ ...describe(node, path, solver), path, sectorSize, fixedSize }) + swapFileBytes(node)
      );
    case "luks":
      return neededForLuks(node, content, fixedSize, solver);
    case "swap":
      return MiB;
    default:
      throw unknownNode(node, path);
  }
}

/** Swap files come on top of what is put into a filesystem. */
function swapFileBytes({ swap, subvolumes }: BtrfsNode): Bytes {
  const files = [swap, ...Object.values(subvolumes).map((subvolume) => subvolume.swap)].flatMap((set) =>
    Object.values(set),
  );
  return files.reduce((sum, { size }) => sum + parseBytes(size), 0);
}

/** The content, with its size, its names and the place of its bytes. */
export function layOutContent(content: ContentNode, size: Bytes, place: Place | null, solver: Solver): ContentLayout {
  const { node, path } = content;
  const geometry = { path, size, place };
  const member = membershipOf(node, path);
  if (member !== undefined) return { kind: "member", groupKind: member.kind, group: member.group, ...geometry };
  switch (node.type) {
    case "filesystem":
    case "btrfs":
      return { kind: "filesystem", ...describe(node, path, solver), mountOptions: node.mountOptions, ...geometry };
    case "luks":
      return layOutLuks(node, content, geometry, solver);
    case "swap": {
      const { randomEncryption, extraArgs } = node;
      const names = namesOf(node, "swap", path, solver.request.identity);
      return { kind: "swap", randomEncryption, extraArgs, ...names, ...geometry } satisfies SwapLayout;
    }
    default:
      throw unknownNode(node, path);
  }
}

type Description = Pick<FilesystemLayout, "format" | "label" | "uuid" | "mountpoint" | "mountpoints" | "extraArgs">;

function describe(node: FilesystemNode | BtrfsNode, path: string, solver: Solver): Description {
  const format = node.type === "btrfs" ? "btrfs" : node.format;
  const { mountpoint, extraArgs } = node;
  const mountpoints = mountsOfFilesystem(node, path).map((mount) => mount.mountpoint);
  return { format, mountpoint, mountpoints, extraArgs, ...namesOf(node, format, path, solver.request.identity) };
}

function unknownNode({ type }: PartitionContent, path: string): MkimageError {
  return new MkimageError("INTERNAL", `${path}: a node of type ${type} has no layout`);
}
