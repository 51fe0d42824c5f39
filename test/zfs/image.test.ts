import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { runMkimage } from "../real/mkimage.ts";
import { zfsKernel } from "./needs.ts";
import { runScenes } from "./scenes.ts";

// An image whose root is a dataset: a guest makes and fills the pool, and another one opens it by the tree's own script.

const pool = "mkimage-test";
const tree = {
  disk: {
    main: {
      device: "/dev/vda",
      content: { type: "gpt", partitions: { zfs: { size: "100%", content: { type: "zfs", pool } } } },
    },
  },
  zpool: {
    [pool]: {
      rootFsOptions: { compression: "lz4", mountpoint: "none" },
      datasets: {
        root: { type: "zfs_fs", mountpoint: "/", options: { mountpoint: "legacy" } },
        home: { type: "zfs_fs", mountpoint: "/home" },
      },
    },
  },
};

test("an image with a root of ZFS has its files in their datasets, with room to spare", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-zfs-image-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const kernel = zfsKernel();
  const files = { "etc/motd": Buffer.from("hello\n"), "home/user/blob": Buffer.from(noise(3_000_000)) };
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(folder, "root", path, ".."), { recursive: true });
    writeFileSync(join(folder, "root", path), bytes);
  }
  const devices = join(folder, "disk.json");
  writeFileSync(devices, JSON.stringify(tree));
  const out = join(folder, "out");
  const { exitCode, stderr } = await runMkimage(
    ["build", "--root", join(folder, "root"), "--owner", "root", "--devices", devices, "--format", "raw"].concat([
      "--vm-kernel",
      join(kernel.image, ".."),
      "--seed",
      "zfs",
      "--out",
      out,
    ]),
  );
  t.is(exitCode, 0, stderr);
  const path = join(out, "main.img");
  const disks = [{ path, format: "raw", serial: "main", access: "scratch" }] as const;
  const said = await runScenes({ names: ["image"], trees: { image: readDeviceTree(tree) }, disks }, { folder, kernel });
  t.is(said("image", "mounts")?.replaceAll(/ +/g, " "), `/mnt ${pool}/root\n/mnt/home ${pool}/home`);
  t.regex(said("image", "status") ?? "", /state: ONLINE[^]*errors: No known data errors/);
  const sums = Object.entries(files).map(
    ([at, bytes]) => `${createHash("sha256").update(bytes).digest("hex")}  /mnt/${at}`,
  );
  t.deepEqual(said("image", "sums")?.split("\n"), sums);
});

/** Bytes that no compression makes smaller, the same ones each time. */
function noise(length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash("sha256").update(String(index)).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}
