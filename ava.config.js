import { availableParallelism } from "node:os";

export default {
  extensions: ["ts"],
  files: ["test/**/*.test.ts", "!test/zfs/**"],
  timeout: "20m",
  // One more than there are processors, in CI too, since guests and what is interrupted wait now and then.
  concurrency: availableParallelism() + 1,
  workerThreads: false,
  require: ["./test/keep-compiled.ts"],
};
