// `make test-zfs`: what takes a kernel with ZFS, which is built for it.
export default {
  extensions: ["ts"],
  files: ["test/zfs/*.test.ts"],
  timeout: "120m",
  workerThreads: false,
  require: ["./test/keep-compiled.ts"],
};
