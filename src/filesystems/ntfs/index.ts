import { common } from "../common.ts";
import type { Filesystem } from "../filesystem.ts";
import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mkntfs(8) of ntfs-3g 2022.10. */
const mkfs: Mkfs = {
  short: "c:CfFhH:IlL:p:qQs:S:TUvVz:",
  long: ["label="],
  label: { names: ["-L", "--label"], most: 128, counted: "characters" },
  identifier: "uuid",
  fixed: [],
};

export const ntfs: Filesystem = {
  ...common,
  survey: null,
  mkfs,
  contents: ["ntfs"],
  driver: "ntfs",
};
