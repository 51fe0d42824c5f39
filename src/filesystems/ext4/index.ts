import type { Filesystem } from "../filesystem.ts";
import { surveyManifest } from "./survey-manifest.ts";
import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mke2fs(8) of e2fsprogs 1.47. */
const mkfs: Mkfs = {
  short: "b:ce:g:i:jl:m:no:qr:s:t:d:vC:DE:FG:I:J:KL:M:N:O:R:ST:U:V",
  long: [],
  label: { names: ["-L"] },
  uuid: { names: ["-U"] },
  identifier: "uuid",
  fixed: [],
};

export const ext4: Filesystem = {
  survey: surveyManifest,
  mkfs,
};

/** Images are made with ext4 only. */
export const ext3: Filesystem = { ...ext4, survey: null };

export const ext2: Filesystem = { ...ext4, survey: null };
