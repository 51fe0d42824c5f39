import { common } from "../common.ts";
import type { Filesystem } from "../filesystem.ts";
import { guestMade } from "../guest-made/guest-made.ts";
import { bcachefsSpace } from "./space.ts";
import type { Mkfs } from "../mkfs/mkfs.ts";

/** `--label` names a member, not the filesystem. Source: bcachefs(8), "format". */
const mkfs: Mkfs = {
  short: "fhl:L:qU:v",
  long: ["fs_label=", "label=", "uuid="],
  label: { names: ["-L", "--fs_label"], most: 32, counted: "bytes" },
  uuid: { names: ["--uuid", "-U"] },
  identifier: "uuid",
  fixed: [],
};

export const bcachefs: Filesystem = {
  ...common,
  survey: guestMade("bcachefs", () => bcachefsSpace),
  mkfs,
  contents: ["bcachefs"],
  driver: "bcachefs",
  helperNeedsDriver: true,
  compresses: true,
  endsTellAll: true,
  // The superblock stands at 4 KiB. Source: bcachefs, "Principles of Operation".
  marks: [
    { offset: 4096 + 24, hex: "c68573f64e1a45ca8265f57f48ba6d81" },
    { offset: 4096 + 24, hex: "c68573f666ce90a9d96a60cf803df7ef" },
  ],
  growth: { mounted: true, bySystemd: false, byScripts: null },
};
