import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mkfs.f2fs(8) of f2fs-tools 1.15. */
export const mkfsF2fs: Mkfs = {
  short: "a:c:C:d:e:E:fg:hil:mo:O:qrR:s:S:t:T:U:Vw:z:",
  long: [],
  label: { names: ["-l"] },
  uuid: { names: ["-U"] },
  identifier: "uuid",
  fixed: ["-r", "-T", "1"],
};
