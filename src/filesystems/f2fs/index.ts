import { common } from "../common.ts";
import type { Filesystem } from "../filesystem.ts";
import { guestMade } from "../guest-made/guest-made.ts";
import { f2fsSpace } from "./space.ts";
import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mkfs.f2fs(8) of f2fs-tools 1.15 and 1.16. */
const mkfs: Mkfs = {
  short: "a:c:C:d:e:E:fg:hil:mo:O:qrR:s:S:t:T:U:Vw:z:",
  long: [],
  label: { names: ["-l"] },
  uuid: { names: ["-U"] },
  identifier: "uuid",
  fixed: ["-r", "-T", "1"],
};

export const f2fs: Filesystem = {
  ...common,
  survey: guestMade("f2fs", (versions) => f2fsSpace(versions.get("mkfs.f2fs"))),
  sizedBy: "mkfs.f2fs",
  mkfs,
  contents: ["f2fs"],
  driver: "f2fs",
  compresses: true,
  growth: { mounted: false, bySystemd: false, byScripts: "resize.f2fs" },
};
