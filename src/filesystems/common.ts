import type { Filesystem } from "./filesystem.ts";

/** What holds for most filesystems; each says only in what it differs. */
export const common = {
  driverLoads: [],
  helperNeedsDriver: false,
  compresses: false,
  growth: { mounted: false, bySystemd: false, byScripts: null },
  bootCode: "other",
} as const satisfies Partial<Filesystem>;
