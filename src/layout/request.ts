import type { Identity } from "../base/identity.ts";
import type { FilesystemNames } from "./identity-of-filesystem.ts";
import type { Bytes } from "../base/units.ts";

/** The inputs of a layout besides the device tree. */
export interface LayoutRequest {
  /** Where identifiers come from that the tree leaves open. */
  readonly identity: Identity;
  /** How large a filesystem must be, in bytes. Asked once for each filesystem of the tree. */
  readonly needs: (filesystem: FilesystemRequest) => Bytes;
  /** Sizes of disks by name; they win over the tree's `imageSize`. */
  readonly sizes?: Readonly<Record<string, Bytes | "auto">>;
  /** For disks whose size is automatic. */
  readonly steps?: SizeSteps | undefined;
}

/** The sizes that a disk can have: multiples, from the least on. */
export interface SizeSteps {
  readonly multiple: Bytes;
  readonly least: Bytes;
}

/** A filesystem whose size is asked for. */
export interface FilesystemRequest extends FilesystemNames {
  /** Where it stands in the device tree. */
  readonly path: string;
  readonly format: string;
  readonly mountpoint: string | null;
  /** Every place where it or one of its subvolumes or datasets is mounted. */
  readonly mountpoints: readonly string[];
  readonly extraArgs: readonly string[];
  /** The size of a sector of the disk that it lies on. */
  readonly sectorSize: 512 | 4096;
  /**
   * `null`: it becomes as large as the answer says, so the answer includes the free space that is wanted. Otherwise it
   * gets exactly this size, and the answer is the least that it can do with.
   */
  readonly fixedSize: Bytes | null;
}
