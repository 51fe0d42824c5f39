import { MiB } from "../../base/units.ts";
import { fatBootSector, fatIdentityAt, fatIdentityLength } from "../../structures/fat/boot-sector.ts";
import { common } from "../common.ts";
import type { Filesystem } from "../filesystem.ts";
import { surveyManifest } from "./survey-manifest.ts";
import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mkfs.fat(8) of dosfstools 4.2. */
const mkfs: Mkfs = {
  short: "aAb:cCD:f:F:g:h:i:Il:m:M:n:r:R:s:S:v",
  long: ["codepage=", "help", "invariant", "mbr", "offset=", "variant="],
  label: { names: ["-n"], most: 11, counted: "bytes" },
  uuid: { names: ["-i"] },
  identifier: "volume id",
  fixed: [],
};

export const vfat: Filesystem = {
  ...common,
  survey: surveyManifest,
  mkfs,
  contents: ["vfat"],
  driver: "vfat",
  driverLoads: ["nls_cp437", "nls_iso8859-1", "nls_ascii"],
  firmwareReads: true,
  changes: {
    check: (device) => ["fsck.vfat", "-n", device],
    label: { unmounted: (device, label) => ["fatlabel", device, label] },
    slack: MiB,
  },
  // Its parameters, with a flag that a mount changes, split the room in two.
  bootCode: [
    [0, fatBootSector.jump.length],
    [fatIdentityAt[32] + fatIdentityLength, fatBootSector.mark.offset],
  ],
};

/** Other names of mkfs.vfat; images are made by the one that kernels know. */
export const fat: Filesystem = { ...vfat, survey: null, driver: "fat", driverLoads: [] };

export const msdos: Filesystem = { ...fat, driver: "msdos" };
