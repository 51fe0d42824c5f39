import type { Bytes } from "../../base/units.ts";
import { namesOf } from "../../layout/identity-of-filesystem.ts";
import type { FilesystemLayout } from "../../layout/layout.ts";
import type { LayoutRequest } from "../../layout/request.ts";
import type { BtrfsNode } from "../types/btrfs/schema.ts";
import type { FilesystemNode } from "../types/filesystem/schema.ts";
import type { TreeMount } from "../tree/mount.ts";
import type { LeafRules } from "./rules.ts";

/**
 * The rules of a node that is one filesystem on its device.
 *
 * @param beside What it needs beside its files, in bytes.
 */
export function filesystemLeaf<Node extends FilesystemNode | BtrfsNode>(
  format: (node: Node) => string,
  mounts: (node: Node, path: string) => readonly TreeMount[],
  beside: (node: Node) => Bytes = () => 0,
): LeafRules<Node> {
  const describe = (node: Node, path: string, { identity }: LayoutRequest): Description => {
    const { mountpoint, extraArgs } = node;
    const mountpoints = mounts(node, path).map((mount) => mount.mountpoint);
    const name = format(node);
    return { format: name, mountpoint, mountpoints, extraArgs, ...namesOf(node, name, path, identity) };
  };
  return {
    kind: "leaf",
    need: (node, { path, sectorSize, fixedSize }, { request }) => {
      return request.needs({ ...describe(node, path, request), path, sectorSize, fixedSize }) + beside(node);
    },
    layOut: (node, geometry, request) => {
      const { mountOptions } = node;
      return { kind: "filesystem", ...describe(node, geometry.path, request), mountOptions, ...geometry };
    },
    words: ({ extraArgs }) => extraArgs,
  };
}

type Description = Pick<FilesystemLayout, "format" | "label" | "uuid" | "mountpoint" | "mountpoints" | "extraArgs">;
