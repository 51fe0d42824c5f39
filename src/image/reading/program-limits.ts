import { type Bytes, MiB } from "../../base/units.ts";
import type { ProgramLimits } from "../../runtime/run.ts";

/** What a program that we do not know from inside may take to look at so many bytes of somebody's image. */
export function programLimits(realSize: Bytes): ProgramLimits {
  return { cpuSeconds: 3 + Math.ceil(realSize / (32 * MiB)), memory: 400 * MiB + Math.ceil(realSize / 4) };
}
