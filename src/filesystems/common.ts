import { limitsOfLinux } from "./limits.ts";
import type { Filesystem } from "./filesystem.ts";

/** The properties of most filesystems; each filesystem states only those in which it differs. */
export const common = {
  sizedBy: null,
  limits: limitsOfLinux,
  firmwareReads: false,
  driverLoads: [],
  checksums: [],
  programs: [],
  helperNeedsDriver: false,
  compresses: false,
  growth: { mounted: false, bySystemd: false, byScripts: null },
  bootCode: [],
  canBeRoot: false,
  endsTellAll: false,
} as const satisfies Partial<Filesystem>;
