// `make test-zfs`: what takes a kernel with ZFS, which no test machine is sure to have.
export default {
  extensions: ["ts"],
  files: ["test/zfs/*.test.ts"],
  timeout: "20m",
  workerThreads: false,
};
