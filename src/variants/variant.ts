import type { Bytes } from "../base/units.ts";
import type { Partition } from "../devices/presets/choices.ts";
import type { Packaging } from "../image/packings/packaging.ts";

/** An image for a cloud or a hypervisor, by nixpkgs' name of it in `system.build.images`: all that depends on which one it is. */
export interface Variant extends Packaging {
  /** The place that takes it. */
  readonly target: string;
  /** The partition tables that it starts from; the first where nothing decides. */
  readonly partitions: readonly [Partition, ...Partition[]];
  /** The size of the disk is a multiple of this. Default: 1 MiB. */
  readonly alignment?: Bytes;
  /** An automatic size is at least this. */
  readonly leastSize?: Bytes;
  /** A Nix expression of `config` for a set of `VariantSettings`, beside those that all variants have. */
  readonly settings?: string;
  /** Options of nixpkgs' module that change the image, and are not heard. */
  readonly unheard?: readonly string[];
  /** Options with which no such image can be made. */
  readonly impossible?: readonly string[];
  /** The type of its file among Hydra's products. Default: that of its format. */
  readonly product?: string;
  /** The text of `nix-support/image-info.json`. Pure. */
  readonly imageInfo?: (image: VariantImage) => string;
}

/** The facts of a finished image. */
export interface VariantImage {
  /** Absolute. */
  readonly file: string;
  /** The size of the disk. */
  readonly bytes: Bytes;
  readonly firmware: "bios" | "uefi";
  /** The system's label, as it is in a boot menu. */
  readonly label: string;
  /** Nix's name of its kind of machine. */
  readonly system: string;
}
