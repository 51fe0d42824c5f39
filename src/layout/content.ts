import type { PartitionContent } from "../devices/content.ts";
import { namesOf } from "./identity-of-filesystem.ts";
import type { ContentLayout, Place } from "./layout.ts";
import type { LayoutRequest } from "./request.ts";
import { type Bytes, MiB } from "./units.ts";

/** A node of the tree that lies on a block device. */
export interface ContentNode {
  readonly node: PartitionContent;
  /** Where it stands in the device tree. */
  readonly path: string;
  readonly sectorSize: 512 | 4096;
}

/** The least size of a block device for this content; `fixedSize` as in FilesystemRequest. */
export function neededSize(
  { node, path, sectorSize }: ContentNode,
  fixedSize: Bytes | null,
  request: LayoutRequest,
): Bytes {
  switch (node.type) {
    case "filesystem": {
      const { format, mountpoint, extraArgs } = node;
      const names = namesOf(node, format, path, request.identity);
      return request.needs({ path, format, mountpoint, extraArgs, sectorSize, fixedSize, ...names });
    }
    case "swap":
      return MiB;
  }
}

/** The content, with its size, its names and the place of its bytes. */
export function layOutContent(
  { node, path }: ContentNode,
  size: Bytes,
  place: Place | null,
  request: LayoutRequest,
): ContentLayout {
  switch (node.type) {
    case "filesystem": {
      const { format, mountpoint, mountOptions, extraArgs } = node;
      const names = namesOf(node, format, path, request.identity);
      return { kind: "filesystem", path, size, place, format, mountpoint, mountOptions, extraArgs, ...names };
    }
    case "swap": {
      const { randomEncryption, extraArgs } = node;
      const names = namesOf(node, "swap", path, request.identity);
      return { kind: "swap", path, size, place, randomEncryption, extraArgs, ...names };
    }
  }
}
