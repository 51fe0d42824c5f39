import type { Archive } from "./archive.ts";
import { tarOf } from "./tar.ts";

/** Google Compute Engine takes a disk of whole GiB as `disk.raw`, in a tar of GNU's old format, compressed by gzip. */
export const googleTar: Archive = {
  ending: "raw.tar.gz",
  format: "raw",
  compress: "gzip",
  layOut: ({ file, identity }) => tarOf([{ name: "disk.raw", file, sparse: true }], identity.time),
};
