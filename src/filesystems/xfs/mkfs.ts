import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mkfs.xfs(8) of xfsprogs 6.13. */
export const mkfsXfs: Mkfs = {
  short: "b:c:Cd:fi:Kl:L:m:n:Np:qr:s:V",
  long: [],
  label: { names: ["-L"] },
  uuid: { names: ["-m"], key: "uuid" },
  identifier: "uuid",
  fixed: [],
};
