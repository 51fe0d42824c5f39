import type { Bytes } from "../../base/units.ts";
import type { HeaderIdentity } from "../formats/format.ts";
import type { FormatName } from "../formats/registry.ts";
import type { Image } from "../image.ts";
import type { CompressorName } from "./compressors.ts";

/** A file that a disk is in, beside what a cloud or a hypervisor wants to know of it. */
export interface Archive {
  /** The ending of its file, without the first dot. */
  readonly ending: string;
  /** The format of the disk in it. */
  readonly format: FormatName;
  /** Compresses the archive as a whole. */
  readonly compress?: CompressorName;
  /** The bytes of the archive, before they are compressed; the disk's own are not read for it, but where their sum is in there. */
  layOut(disk: ArchivedDisk): Image | Promise<Image>;
}

export interface ArchivedDisk {
  /** The bytes of the disk's file, with extents that can be asked for again. */
  readonly file: Image;
  /** The size of the disk. */
  readonly capacity: Bytes;
  readonly machine: DescribedMachine;
  readonly identity: HeaderIdentity;
}

/** The machine that an archive describes. */
export interface DescribedMachine {
  readonly name: string;
  readonly firmware: "bios" | "uefi";
  /** MiB. */
  readonly memory: number;
  readonly processors: number;
  /** Further settings, in the terms of the archive. */
  readonly settings: Readonly<Record<string, string>>;
}
