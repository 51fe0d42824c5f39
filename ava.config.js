import { availableParallelism } from "node:os";
import { isLong } from "./test/together/is-long.ts";

/** The long variants wait for guests for up to two hours before the first of their tests is through. */
const timeout = isLong ? "120m" : "20m";

/** Files all of whose tests are of the long variant. */
export const leftOut = isLong ? [] : ["!test/real/long/**"];

export default {
  extensions: ["ts"],
  files: ["test/**/*.test.ts", "!test/zfs/**", ...leftOut],
  timeout,
  // One more than processors, since a sixth of the time of guests is waiting; no more than memory has room for.
  concurrency: Math.min(availableParallelism() + 1, 8),
  workerThreads: false,
  require: ["./test/keep-compiled.ts"],
};
