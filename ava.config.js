/** The long variants wait for guests for up to two hours before the first of their tests is through. */
const timeout = process.env.MKIMAGE_LONG === "1" ? "120m" : "20m";

export default {
  extensions: ["ts"],
  files: ["test/**/*.test.ts", "!test/zfs/**"],
  timeout,
  workerThreads: false,
  require: ["./test/keep-compiled.ts"],
};
