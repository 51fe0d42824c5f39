import type { DeviceContent } from "../content.ts";
import type { ContentLayout, DeviceLayout, Place } from "../../layout/layout.ts";
import type { LayoutRequest } from "../../layout/request.ts";
import type { Bytes } from "../../base/units.ts";

/** A node of the tree that fills a block device. */
export interface ContentNode {
  readonly node: DeviceContent;
  /** Where it stands in the device tree. */
  readonly path: string;
  readonly sectorSize: 512 | 4096;
}

/** A block device of the tree that may hold a table: a disk, a LUKS container, an array. */
export interface DeviceNode {
  readonly content: DeviceContent | null;
  /** Where its content stands in the device tree. */
  readonly path: string;
  /** Its type and its name, as in `disk-main`. */
  readonly name: string;
  /** For messages: `disk main`. */
  readonly title: string;
  /** Its path in the installed system, where that is known. */
  readonly device?: string | null | undefined;
  readonly sectorSize: 512 | 4096;
}

/** A device before it has a size. */
export interface DevicePlan {
  /** The smallest size, in whole MiB. */
  need(): Bytes;
  /** Why this size would not do. */
  faultAt(size: Bytes): string | undefined;
  /** @throws MkimageError TOO_SMALL, BAD_REQUEST when the size does not do. */
  layOut(size: Bytes, place: Place | null): DeviceLayout;
}

/** A group and one of its members. */
export interface Membership {
  /** The set of the device tree that the group is in. */
  readonly kind: string;
  readonly group: string;
  /** Where the member stands in the device tree. */
  readonly path: string;
}

/** How the parts of the solver reach each other, because device trees nest in every way. */
export interface Solver {
  readonly request: LayoutRequest;
  /** The least size of a block device for this content; `fixedSize` as in FilesystemRequest. */
  need(content: ContentNode, fixedSize: Bytes | null): Bytes;
  /** The content, with its size, its names and the place of its bytes. */
  layOut(content: ContentNode, size: Bytes, place: Place | null): ContentLayout;
  device(device: DeviceNode): DevicePlan;
  /** The least size of a member whose size is open. */
  memberNeed(member: Membership): Bytes;
  /** The least size of a device that a filesystem on another one has as one of its own; 0 where none does. */
  lentNeed(names: readonly string[]): Bytes;
}
