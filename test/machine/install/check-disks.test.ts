import test from "ava";
import type { MkimageError } from "../../../src/base/errors.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { checkDisks } from "../../../src/machine/install/check-disks.ts";
import { solveTree } from "../../devices/layout/solve-tree.ts";

const ext4 = (mountpoint: string, size: string) => ({
  size,
  content: { type: "filesystem", format: "ext4", mountpoint },
});

const devices = {
  disk: { main: { content: { type: "gpt", partitions: { n: ext4("/ni", "8M"), persist: ext4("/persist", "64M") } } } },
  nodev: {
    "/": { fsType: "tmpfs" },
    "/nix": { fsType: "none", device: "/persist/nix", mountOptions: ["bind"] },
    "/home": { fsType: "none", device: "/persist/home", mountOptions: ["bind"] },
  },
};

function check(extraFiles: readonly (readonly [string, string])[], narSize: number): void {
  const installation = { root: "/mnt", toplevel: "", extraFiles, writesVariables: false, nixosInstall: undefined };
  const closure = { paths: [{ path: "/nix/store/x", narSize }] };
  const tree = readDeviceTree(devices);
  const prepared = { tree, closure, installation: { ...installation, installsBootloader: false } };
  checkDisks(prepared as unknown as Parameters<typeof checkDisks>[0], [], solveTree(devices));
}

test("files for where no disk is are refused, and those behind a bind mount are not", (t) => {
  const error = t.throws<MkimageError>(() =>
    check(
      [
        ["key", "/etc/key"],
        ["file", "/home/u/file"],
      ],
      1,
    ),
  );
  t.deepEqual(error?.details, ["/etc/key: / is a mount of tmpfs"]);
  t.notThrows(() => check([["file", "/home/u/file"]], 1));
});

test("the system has to fit where its store is, also behind a bind mount", (t) => {
  t.notThrows(() => check([], 60 * 1024 ** 2));
  t.throws(() => check([], 65 * 1024 ** 2), { message: /65 MiB, and the filesystem on \/persist 64 MiB/ });
});
