import type { Extent, FileSource } from "../image/extent.ts";
import type { Bytes } from "../base/units.ts";
import type { ByteString } from "../base/byte-string.ts";

/** A point in time: seconds since 1970 (may be negative) and 0 to 999,999,999 nanoseconds. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** The attributes of every inode. `mode` holds the 12 permission bits only; the type is in `type`. */
interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Timestamp;
  /** Full names (`security.capability`, `user.x`, `system.posix_acl_access`) to raw values as getxattr gives them. */
  readonly xattrs?: ReadonlyMap<ByteString, Uint8Array>;
}

/**
 * A regular file. Its content is that of a whole file, of which a manifest may have a million, or else extents (ascending,
 * within `size`): what these do not cover is a hole. `contentExtents` gives either as extents.
 */
export interface FileInode extends Attributes {
  readonly type: "file";
  readonly size: Bytes;
  readonly content: FileSource | readonly Extent[];
}

/** A folder. The map's order has no meaning; writers sort by name where order matters. */
export interface DirectoryInode extends Attributes {
  readonly type: "directory";
  readonly entries: Map<ByteString, Inode>;
}

export interface SymlinkInode extends Attributes {
  readonly type: "symlink";
  readonly target: ByteString;
}

export interface DeviceInode extends Attributes {
  readonly type: "character-device" | "block-device";
  readonly major: number;
  readonly minor: number;
}

export interface SpecialInode extends Attributes {
  readonly type: "fifo" | "socket";
}

/**
 * One inode of a manifest. A manifest is its root `DirectoryInode`. An inode object that stands under several names is
 * one file with hard links; folders stand in one place only.
 */
export type Inode = FileInode | DirectoryInode | SymlinkInode | DeviceInode | SpecialInode;
