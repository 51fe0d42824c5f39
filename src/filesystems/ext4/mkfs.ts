import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mke2fs(8) of e2fsprogs 1.47. */
export const mke2fs: Mkfs = {
  short: "b:ce:g:i:jl:m:no:qr:s:t:d:vC:DE:FG:I:J:KL:M:N:O:R:ST:U:V",
  long: [],
  label: { names: ["-L"] },
  uuid: { names: ["-U"] },
  identifier: "uuid",
  fixed: [],
};
