import type { Bytes } from "../../base/units.ts";
import type { Reporter } from "../../runtime/reporter.ts";
import type { Tool } from "../../runtime/tools.ts";
import type { CacheOptions } from "../cluster-cache/cluster-cache.ts";
import type { DiskSource } from "../disk-source.ts";

/** An image format: all that depends on which one it is. */
export interface ImageFormat {
  /** The ending of an image's file, without its dot. */
  readonly ending: string;
  /** QEMU's driver, by which such images are read and run. */
  readonly driver: Driver;
  /** The largest disk that it holds. */
  readonly largest: Bytes;
  /** The programs beside mkimage whose output is in an image's bytes. */
  readonly tools: readonly Tool[];
  /**
   * Writes a disk. When it fails the target stays behind, incomplete.
   *
   * @throws MkimageError SOURCE_CHANGED, NO_SPACE, MISSING_TOOL, COMMAND_FAILED, COMMAND_TIMED_OUT, BAD_IMAGE, INTERRUPTED.
   */
  write(disk: DiskSource, target: string, options: WriteOptions): Promise<void>;
}

/** All that depends on an image's format when it is read. */
export interface ImageReader {
  /** The endings of files, with their dot, that promise this format and no other. */
  readonly endings: readonly string[];
  /** Whether `qemu-img check` knows it. */
  readonly isCheckable: boolean;
  /** Whether QEMU reads zeros where such a file was cut off. */
  readonly readsPastEnd: boolean;
  /**
   * Describes, for messages, the other files that hold a file's contents, by its first `headLength` bytes.
   * `undefined`: there are none, or it is of another format.
   */
  references?(head: Buffer): string | undefined;
}

/** How much of a file is looked at for references. */
export const headLength = 4096;

/** QEMU's names of the formats that mkimage writes. */
export type Driver = "raw" | "qcow2" | "vdi" | "vpc" | "vhdx" | "vmdk";

export interface WriteOptions {
  /** Where the identifiers and times in headers come from. */
  readonly identity: HeaderIdentity;
  readonly compression: "zlib" | "zstd";
  /** Whether a raw file may share blocks with those that the disk is made of. Default: yes. */
  readonly reflink?: boolean | undefined;
  /** Compressed clusters of other images. Default: none are used, and none kept. */
  readonly clusterCache?: CacheOptions | undefined;
  readonly signal: AbortSignal | undefined;
  readonly reporter: Reporter;
}

export interface HeaderIdentity {
  /** The same UUID for the same purpose. */
  uuid(purpose: string): string;
  /** Seconds since 1970. */
  readonly time: number;
}
