import type { Mkfs } from "../mkfs/mkfs.ts";

/** `--label` names a member, not the filesystem. Source: bcachefs(8), "format". */
export const bcachefsFormat: Mkfs = {
  short: "fhl:L:qU:v",
  long: ["fs_label=", "label=", "uuid="],
  label: { names: ["-L", "--fs_label"] },
  uuid: { names: ["--uuid", "-U"] },
  identifier: "uuid",
  fixed: [],
};
