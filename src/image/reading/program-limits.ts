import { type Bytes, MiB } from "../../base/units.ts";
import type { ProgramLimits } from "../../runtime/run.ts";

/** Returns the limits for an external program that reads an untrusted image of this size. */
export function programLimits(realSize: Bytes): ProgramLimits {
  return { cpuSeconds: 3 + Math.ceil(realSize / (32 * MiB)), memory: 400 * MiB + Math.ceil(realSize / 4) };
}
