/** The formats that qemu-img makes for us. `vpc-fixed` is a raw image with a footer, as Azure wants it. */
export type ConvertedFormat = "vdi" | "vpc" | "vpc-fixed" | "vhdx" | "vmdk";

/** Where the identifiers and times in an image's headers come from. */
export interface HeaderIdentity {
  /** The same UUID for the same purpose. */
  uuid(purpose: string): string;
  /** Seconds since 1970. */
  readonly time: number;
}
