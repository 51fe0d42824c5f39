import { common } from "../common.ts";
import type { Filesystem } from "../filesystem.ts";
import { limitsOfLinux } from "../limits.ts";
import { guestMade } from "../guest-made/guest-made.ts";
import { xfsChanges } from "./changes.ts";
import { xfsShell } from "./shell.ts";
import { xfsSpace } from "./space.ts";
import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mkfs.xfs(8) of xfsprogs 6.13. */
const mkfs: Mkfs = {
  short: "b:c:Cd:fi:Kl:L:m:n:Np:qr:s:V",
  long: [],
  label: { names: ["-L"], most: 12, counted: "bytes" },
  uuid: { names: ["-m"], key: "uuid" },
  identifier: "uuid",
  fixed: [],
};

export const xfs: Filesystem = {
  ...common,
  survey: guestMade("xfs", () => xfsSpace),
  // Source: XFS_SYMLINK_MAXLEN of Linux, which counts a byte for the end.
  limits: { ...limitsOfLinux, targetBytes: 1023 },
  mkfs,
  contents: ["xfs"],
  driver: "xfs",
  checksums: ["crc32c_generic"],
  growth: { mounted: true, bySystemd: true, byScripts: null },
  changes: xfsChanges,
  parts: ["xfs_external_log"],
  shell: xfsShell,
  canBeRoot: true,
  endsTellAll: true,
};
