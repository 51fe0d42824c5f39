import { superblockAt } from "../../structures/ext4/superblock.ts";
import { common } from "../common.ts";
import type { Filesystem } from "../filesystem.ts";
import { extChanges } from "./changes.ts";
import { extShell } from "./shell.ts";
import { surveyManifest } from "./survey-manifest.ts";
import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mke2fs(8) of e2fsprogs 1.47. */
const mkfs: Mkfs = {
  short: "b:ce:g:i:jl:m:no:qr:s:t:d:vC:DE:FG:I:J:KL:M:N:O:R:ST:U:V",
  long: [],
  label: { names: ["-L"], most: 16, counted: "bytes" },
  uuid: { names: ["-U"] },
  identifier: "uuid",
  fixed: [],
};

export const ext4: Filesystem = {
  ...common,
  survey: surveyManifest,
  mkfs,
  // By its features, which arguments of mkfs may change.
  contents: ["ext4", "ext3", "ext2"],
  driver: "ext4",
  checksums: ["crc32c_generic"],
  growth: { mounted: true, bySystemd: true, byScripts: "resize2fs" },
  changes: extChanges,
  parts: ["jbd"],
  shell: extShell,
  bootCode: [[0, superblockAt]],
  canBeRoot: true,
  endsTellAll: true,
};

/** Images are made with ext4 only. */
export const ext3: Filesystem = {
  ...ext4,
  survey: null,
  canBeRoot: false,
  contents: ["ext3", "ext2", "ext4"],
  growth: { ...ext4.growth, bySystemd: false },
};

export const ext2: Filesystem = {
  ...ext3,
  contents: ["ext2", "ext3", "ext4"],
  growth: { ...ext3.growth, mounted: false },
  changes: { ...extChanges, grow: { unmounted: extChanges.grow.unmounted } },
};
