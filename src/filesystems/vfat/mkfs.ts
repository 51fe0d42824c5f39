import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mkfs.fat(8) of dosfstools 4.2. */
export const mkfsFat: Mkfs = {
  short: "aAb:cCD:f:F:g:h:i:Il:m:M:n:r:R:s:S:v",
  long: ["codepage=", "help", "invariant", "mbr", "offset=", "variant="],
  label: { names: ["-n"] },
  uuid: { names: ["-i"] },
  identifier: "volume id",
  fixed: [],
};
