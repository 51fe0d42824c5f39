import { common } from "../common.ts";
import type { Filesystem } from "../filesystem.ts";
import { KiB } from "../../base/units.ts";
import { limitsOfLinux } from "../limits.ts";
import { guestMade } from "../guest-made/guest-made.ts";
import { f2fsSpace } from "./space.ts";
import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mkfs.f2fs(8) of f2fs-tools 1.15 and 1.16. */
const mkfs: Mkfs = {
  short: "a:c:C:d:e:E:fg:hil:mo:O:qrR:s:S:t:T:U:Vw:z:",
  long: [],
  label: { names: ["-l"], most: 512, counted: "characters" },
  uuid: { names: ["-U"] },
  identifier: "uuid",
  fixed: ["-r", "-T", "1"],
};

export const f2fs: Filesystem = {
  ...common,
  survey: guestMade("f2fs", (versions) => f2fsSpace(versions.get("mkfs.f2fs"))),
  sizedBy: "mkfs.f2fs",
  // Two direct, two indirect and one double indirect node of 1018 blocks each. Source: max_file_blocks() of Linux.
  limits: { ...limitsOfLinux, fileBytes: (2 * 1018 + 2 * 1018 ** 2 + 1018 ** 3) * 4 * KiB },
  mkfs,
  contents: ["f2fs"],
  driver: "f2fs",
  checksums: ["crc32_generic"],
  compresses: true,
  growth: { mounted: false, bySystemd: false, byScripts: "resize.f2fs" },
  canBeRoot: true,
  endsTellAll: true,
};
