const isLong = process.env.MKIMAGE_LONG === "1";
/** The long variants wait for guests for up to two hours before the first of their tests is through. */
const timeout = isLong ? "120m" : "20m";

/** Files all of whose tests are of the long variant. */
export const leftOut = isLong ? [] : ["!test/real/long/**"];

export default {
  extensions: ["ts"],
  files: ["test/**/*.test.ts", "!test/zfs/**", ...leftOut],
  timeout,
  workerThreads: false,
  require: ["./test/keep-compiled.ts"],
};
