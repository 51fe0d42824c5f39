import { common } from "../common.ts";
import type { Filesystem } from "../filesystem.ts";
import { limitsOfLinux } from "../limits.ts";
import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mkfs.exfat(8) of exfatprogs 1.2. */
const mkfs: Mkfs = {
  short: "b:c:fhL:n:qs:U:vV",
  long: [
    "boundary-align=",
    "cluster-size=",
    "full",
    "help",
    "pack-bitmap",
    "quiet",
    "sector-size=",
    "verbose",
    "version",
    "volume-guid=",
    "volume-label=",
  ],
  label: { names: ["-L", "-n", "--volume-label"], most: 11, counted: "characters" },
  identifier: "volume id",
  fixed: [],
};

export const exfat: Filesystem = {
  ...common,
  survey: null,
  limits: { ...limitsOfLinux, targetBytes: 0, attributeBytes: 0, owners: false, specialFiles: false },
  mkfs,
  contents: ["exfat"],
  driver: "exfat",
};
