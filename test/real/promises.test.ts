import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type Bytes, MiB } from "../../src/base/units.ts";
import { demoSystem, judge, mkimage, reportOf, testFolder } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

// As much is free as was asked for, whichever version of its tools makes a filesystem.

const project = join(import.meta.dirname, "../..");

type Kind = "ext4" | "vfat" | "btrfs" | "xfs" | "f2fs";

interface Case {
  readonly kind: Kind;
  /** Of the tools: `null` for those of this machine. */
  readonly suite: "trixie" | null;
  readonly space: Bytes;
}

const spaces = [0, 310 * MiB];
const every = (["ext4", "vfat", "btrfs", "xfs", "f2fs"] as const).flatMap((kind) =>
  // The host writes FAT itself.
  (kind === "vfat" ? [null] : ([null, "trixie"] as const)).flatMap((suite) =>
    spaces.map((space): Case => ({ kind, suite, space })),
  ),
);
const cases: readonly Case[] = isLong ? every : [{ kind: "xfs", suite: "trixie", space: 310 * MiB }];

for (const { kind, suite, space } of cases) {
  const tools = suite === null ? "this machine's tools" : `${suite}'s tools`;
  test.serial(
    `${kind} by ${tools} with ${space / MiB} MiB more has that, and at most 3 % or 4 MiB besides`,
    async (t) => {
      const folder = testFolder(t);
      const [tree, out] = [join(folder, "tree"), join(folder, "out")];
      fillTree(tree);
      const kernel = kind === "f2fs" ? fixture("kernel") : demoSystem("none");
      const request = ["--root", tree, ...shapeOf(kind, folder), "--additional-space", `${space / MiB}M`];
      const environment: Readonly<Record<string, string>> =
        suite === null ? {} : { PATH: `${fixture("other-tools", suite, "filesystems")}:${process.env["PATH"]}` };
      await mkimage(t, ["build", ...request, "--vm-kernel", kernel, "--accel", "tcg", "--out", out], { environment });
      const report = reportOf(out);
      const root = report.filesystems.find(({ mountpoint }) => mountpoint === "/");
      const free = root?.freeBytes ?? Number.NaN;
      // The kernel here has no f2fs: what the guest saw has to do.
      if (kind === "vfat") t.is(free, freeOnFat(join(out, "main.img")));
      else if (kind !== "f2fs") t.is(free, availableBytes(t, join(out, "nixos.img")));
      t.true(free >= space, `${free} bytes are free, ${space - free} too few`);
      const isSmallest = (root?.size ?? 0) <= leastSizes[kind];
      t.true(isSmallest || free - space <= Math.max(0.03 * (root?.size ?? 0), 4 * MiB), `${free} bytes are free`);
    },
  );
}

/** The least that mkfs makes: then more is free than was asked for. */
const leastSizes: Readonly<Record<Kind, Bytes>> = {
  ext4: 0,
  vfat: 0,
  btrfs: 109 * MiB,
  xfs: 300 * MiB,
  f2fs: 52 * MiB,
};

/** How a disk with nothing but this filesystem is asked for: FAT is no root of make-disk-image's, and one of a device tree. */
function shapeOf(kind: Kind, folder: string): string[] {
  if (kind !== "vfat") return ["--partition", "none", "--fs-type", kind];
  const file = join(folder, "disk.json");
  const content = { type: "filesystem", format: kind, mountpoint: "/" };
  writeFileSync(file, JSON.stringify({ disk: { main: { device: "/dev/vda", content } } }));
  return ["--devices", file];
}

/** The free space by mtools: the kernel here has no FAT. */
function freeOnFat(image: string): Bytes {
  const [, digits = ""] = /([\d ]+) bytes free/.exec(judge("mdir", "-i", image, "::")) ?? [];
  return digits.trim() === "" ? Number.NaN : Number(digits.replaceAll(" ", ""));
}

function fillTree(tree: string): void {
  mkdirSync(join(tree, "folder"), { recursive: true });
  for (let index = 0; index < 300; index += 1)
    writeFileSync(join(tree, "folder", `file ${index}`), "content ".repeat(index * 13));
  writeFileSync(join(tree, "large"), Buffer.alloc(20 * MiB, "content "));
}

function fixture(name: string, ...arguments_: readonly string[]): string {
  return execFileSync(join(project, "fixtures", name), arguments_, { encoding: "utf8" }).trim();
}

/** f_bavail × block size as the kernel says it; the mount goes with its namespace. */
function availableBytes(t: ExecutionContext, image: string): Bytes {
  const mountpoint = join(testFolder(t), "mount");
  mkdirSync(mountpoint, { recursive: true });
  // Only when it may be written to does XFS hold back what it needs for that.
  const script = `mount -o loop,noatime "$1" "$2" && stat -f -c '%a %S' "$2"`;
  const [blocks, size] = judge("unshare", "--mount", "sh", "-ec", script, "sh", image, mountpoint)
    .split(" ")
    .map(Number);
  return (blocks ?? Number.NaN) * (size ?? Number.NaN);
}
