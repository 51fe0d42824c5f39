import { availableParallelism } from "node:os";
import { isLong } from "./test/together/is-long.ts";

/** The long variants wait for guests for up to two hours before the first of their tests is through. */
const timeout = isLong ? "120m" : "20m";

/** Files all of whose tests are of the long variant. */
export const leftOut = isLong ? [] : ["!test/real/long/**"];

/** Files of `test/real` that take minutes, the longest first: begun last, one of them would keep a single processor busy. */
const longest = [
  "deploy",
  "disko-guest",
  "change-guest",
  "disko-read-guest",
  "incomplete-groups",
  "containers",
  "nix-function",
  "foreign-content",
  "only-store",
  "containers-boot",
  "layouts",
  "change-here",
  "install-guest",
  "run",
  "write-ssh",
].map((name) => `/test/real/${name}.test.ts`);

/** Decisions first, then what takes minutes, then all else. */
const rank = (file) => {
  if (file.includes("/build/together/")) return 0;
  const place = longest.findIndex((path) => file.endsWith(path));
  return 1 + (place < 0 ? longest.length : place);
};

export default {
  extensions: ["ts"],
  files: ["test/**/*.test.ts", "!test/zfs/**", ...leftOut],
  timeout,
  // One more than processors, since a sixth of the time of guests is waiting; no more than memory has room for.
  concurrency: Math.min(availableParallelism() + 1, 8),
  workerThreads: false,
  sortTestFiles: (one, other) => rank(one) - rank(other),
  require: ["./test/keep-compiled.ts"],
};
