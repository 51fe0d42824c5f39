export default {
  extensions: ["ts"],
  files: ["test/**/*.test.ts"],
  timeout: "20m",
  workerThreads: false,
};
