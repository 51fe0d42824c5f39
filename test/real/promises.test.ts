import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type Bytes, MiB } from "../../src/base/units.ts";
import { demoSystem, judge, mkimage, reportOf, testFolder } from "./mkimage.ts";

// As much is free as was asked for, whichever version of its tools makes a filesystem.

const project = join(import.meta.dirname, "../..");
const isLong = process.env["MKIMAGE_LONG"] === "1";

type Kind = "ext4" | "btrfs" | "xfs" | "f2fs";

interface Case {
  readonly kind: Kind;
  /** Of the tools: `null` for those of this machine. */
  readonly suite: "trixie" | null;
  readonly space: Bytes;
}

const spaces = [0, 310 * MiB];
const every = (["ext4", "btrfs", "xfs", "f2fs"] as const).flatMap((kind) =>
  ([null, "trixie"] as const).flatMap((suite) => spaces.map((space): Case => ({ kind, suite, space }))),
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
      const request = [
        "--root",
        tree,
        "--partition",
        "none",
        "--fs-type",
        kind,
        "--additional-space",
        `${space / MiB}M`,
      ];
      const environment: Readonly<Record<string, string>> =
        suite === null ? {} : { PATH: `${fixture("other-tools", suite)}:${process.env["PATH"]}` };
      await mkimage(t, ["build", ...request, "--vm-kernel", kernel, "--accel", "tcg", "--out", out], { environment });
      const report = reportOf(out);
      const root = report.filesystems.find(({ mountpoint }) => mountpoint === "/");
      const free = root?.freeBytes ?? Number.NaN;
      // The kernel here has no f2fs: what the guest saw has to do.
      if (kind !== "f2fs") t.is(free, availableBytes(t, join(out, "nixos.img")));
      t.true(free >= space, `${free} bytes are free, ${space - free} too few`);
      const isSmallest = kind !== "ext4" && (root?.size ?? 0) <= leastSizes[kind];
      t.true(isSmallest || free - space <= Math.max(0.03 * (root?.size ?? 0), 4 * MiB), `${free} bytes are free`);
    },
  );
}

/** What mkfs makes at least: then more is free than was asked for. */
const leastSizes: Readonly<Record<Exclude<Kind, "ext4">, Bytes>> = { btrfs: 109 * MiB, xfs: 300 * MiB, f2fs: 52 * MiB };

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
