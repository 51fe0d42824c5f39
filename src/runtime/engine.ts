import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { MiB } from "../base/units.ts";

/** Both halves of the space for what is young. */
const youngEnough = 32 * MiB;

/**
 * Has V8 work for a run of seconds that keeps most of what it makes. What is young may take some room, so that a manifest is
 * not copied again and again, but not V8's four times as much; and V8's last compiler waits, since such a run does not
 * get back the time that it takes from the other processors. Call it now and then while much is being read.
 *
 * The command line would be the place for it, but with any of V8's options there Node compiles its own modules anew, in every
 * thread of every run.
 */
export function tuneEngine(): void {
  setFlagsFromString("--invocation-count-for-turbofan=150000");
  const growth = Math.max(1, Math.floor(youngEnough / youngSize()));
  setFlagsFromString(`--semi-space-growth-factor=${growth}`);
}

function youngSize(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.space_size ?? youngEnough;
}
