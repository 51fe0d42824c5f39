import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MiB, parseSize } from "../../src/base/units.ts";
import { bootDemo } from "./boot-demo.ts";
import { asNobody, folderForAnybody } from "./circumstances.ts";
import { listingOf, makeHostileTree } from "./hostile-tree.ts";
import { demoSystem, judge, mkimage, reportOf, runMkimage, testFolder } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

// Roots that only a kernel writes: a guest makes and fills them.

/** The checker of each kind; they end with 0 for a clean filesystem. */
const checkers: Readonly<Record<"xfs" | "btrfs", readonly [string, ...string[]]>> = {
  xfs: ["xfs_repair", "-n", "-f"],
  btrfs: ["btrfs", "check", "--readonly"],
} as const;

interface Case {
  readonly kind: keyof typeof checkers;
  readonly engine: "host" | "guest";
  readonly space: string;
}

/** By the host, promises.test.ts has one, and containers-boot.test.ts boots one. */
const always: readonly Case[] = [{ kind: "xfs", engine: "guest", space: "300M" }];
const long: readonly Case[] = [
  { kind: "xfs", engine: "host", space: "300M" },
  { kind: "btrfs", engine: "guest", space: "100M" },
];

for (const { kind, engine, space } of isLong ? [...always, ...long] : always) {
  test.serial(`efi with ${kind}, bootloader by the ${engine}: clean, as free as asked for, and it boots`, async (t) => {
    const out = join(testFolder(t), "out");
    const request = ["--partition", "efi", "--fs-type", kind, "--engine", engine, "--additional-space", space];
    await mkimage(t, ["build", demoSystem(`systemd-boot-${kind}`), ...request, "--accel", "tcg", "--out", out]);
    const report = reportOf(out);
    t.is(report.bootloader.engine, engine, report.bootloader.reason);
    t.false(report.reproducible);
    const root = report.filesystems.find(({ mountpoint }) => mountpoint === "/");
    const image = join(out, "nixos.img");
    const partition = partitionOf(t, image, Math.max(...partitionsOf(out).map(({ first }) => first)) * 512);
    judge(...checkers[kind], partition);
    t.is(root?.kind, kind);
    t.is(root?.freeBytes, mounted(t, partition, freeBytes));
    t.true((root?.freeBytes ?? 0) >= parseSize(space), `${root?.freeBytes} bytes are free`);
    t.true(
      (root?.freeBytes ?? 0) <= parseSize(space) + Math.max(0.03 * (root?.size ?? 0), 4 * MiB),
      `${root?.freeBytes} bytes`,
    );
    const greeting = await bootDemo(image, "efi");
    t.like(greeting, {
      variant: `systemd-boot-${kind}`,
      root: `/dev/vda2:${kind}:nixos`,
      boot: "/dev/vda1:vfat:ESP",
      generation: "1",
    });
  });
}

for (const kind of isLong ? (["xfs", "btrfs"] as const) : (["btrfs"] as const)) {
  test.serial(`${kind} made by an ordinary user has every file as it was, to its last attribute`, async (t) => {
    const folder = testFolder(t);
    const [tree, out] = [join(folder, "tree"), join(folderForAnybody(folder, "work"), "out")];
    mkdirSync(tree);
    makeHostileTree(tree);
    const archive = join(folder, "tree.tar");
    const kept = ["--xattrs", "--xattrs-include=*", "--sparse", "--numeric-owner", "--format=posix"];
    judge("tar", ...kept, "-C", tree, "-cf", archive, ".");
    const kernel = ["--vm-kernel", demoSystem("none"), "--accel", "tcg"];
    const request = ["--root", archive, "--partition", "none", "--fs-type", kind, "--size", "400M", ...kernel];
    const { stderr } = await mkimage(t, ["build", ...request, "--out", out], { through: asNobody(folder) });
    const image = join(out, "nixos.img");
    judge(...checkers[kind], image);
    t.deepEqual(mounted(t, image, listingOf), listingOf(tree), stderr);
    const holes = mounted(t, image, (place) => statSync(join(place, "hole")).blocks * 512);
    t.true(holes < MiB, `the file with a hole takes ${holes} bytes`);
    t.is(judge("blkid", "-p", "-o", "value", "-s", "LABEL", image).trim(), "nixos");
  });
}

test.serial("f2fs, which the system's kernel lacks, is refused before anything is written, and said why", async (t) => {
  const folder = testFolder(t);
  const request = ["--partition", "efi", "--fs-type", "f2fs", "--out", join(folder, "out")];
  const run = await runMkimage(["build", demoSystem("systemd-boot"), ...request]);
  t.is(run.exitCode, 3, run.stderr);
  t.regex(run.stderr, /the system's own kernel: it lacks f2fs/);
  t.regex(run.stderr, /--vm-kernel/);
  t.notRegex(run.stderr, /Writing/);
  t.deepEqual(readdirSync(folder), []);
});

test.serial("a size that is too small for the files is refused, with the size that is needed", async (t) => {
  const request = ["--partition", "none", "--fs-type", "xfs", "--size", "200M"];
  const run = await runMkimage(["build", demoSystem("none"), ...request, "--out", join(testFolder(t), "out")]);
  t.is(run.exitCode, 4, run.stderr);
  t.regex(run.stderr, /300 MiB/);
});

if (isLong) {
  for (const kind of ["xfs", "btrfs"] as const) {
    test.serial(`${kind} with 20,000 small files has the space that was asked for`, async (t) => {
      const out = join(testFolder(t), "out");
      const request = ["--partition", "none", "--fs-type", kind, "--additional-space", "300M", "--accel", "tcg"];
      await mkimage(t, ["build", demoSystem("many-files"), ...request, "--no-install-boot-loader", "--out", out]);
      const [root] = reportOf(out).filesystems;
      t.is(root?.freeBytes, mounted(t, join(out, "nixos.img"), freeBytes));
      const surplus = (root?.freeBytes ?? 0) - 300 * MiB;
      t.true(surplus >= 0 && surplus <= Math.max(0.03 * (root?.size ?? 0), 4 * MiB), `${surplus} bytes more`);
    });
  }
}

function partitionsOf(out: string) {
  return reportOf(out).disks[0]?.table?.partitions ?? [];
}

/** A partition as a file of its own. */
function partitionOf(t: ExecutionContext, image: string, offset: number): string {
  const path = join(testFolder(t), "partition");
  const flags = ["bs=1M", "iflag=skip_bytes", "conv=sparse", "status=none"];
  judge("dd", `if=${image}`, `of=${path}`, `skip=${offset}`, ...flags);
  return path;
}

/** The result of `look` at an image that the kernel of this machine has mounted. */
function mounted<T>(t: ExecutionContext, image: string, look: (folder: string) => T): T {
  const folder = join(testFolder(t), "mounted");
  mkdirSync(folder);
  // Only when it may be written to does XFS hold back what it needs for that.
  judge("mount", "-o", "loop,noatime", image, folder);
  try {
    return look(folder);
  } finally {
    judge("umount", folder);
  }
}

function freeBytes(folder: string): number {
  const [blocks, size] = execFileSync("stat", ["-f", "-c", "%a %S", folder], { encoding: "utf8" })
    .split(" ")
    .map(Number);
  return (blocks ?? Number.NaN) * (size ?? Number.NaN);
}
