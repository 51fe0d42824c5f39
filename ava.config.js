export default {
  extensions: ["ts"],
  files: ["test/**/*.test.ts", "!test/zfs/**"],
  timeout: "20m",
  workerThreads: false,
  require: ["./test/keep-compiled.ts"],
};
