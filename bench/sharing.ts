import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GiB } from "../src/base/units.ts";
import { sharingContenders } from "./contenders.ts";
import type { Contender } from "./measure.ts";
import { makeTree, type TreeShape } from "./tree.ts";

const size = 12 * GiB;

/** How filesystems whose files can share blocks are made. */
const filesystems = { xfs: ["mkfs.xfs", "-q", "-m", "reflink=1"], btrfs: ["mkfs.btrfs", "-q"] } as const;

/** Measures, as root, ways to make a raw image of a closure that is on the same filesystem, on each that can share blocks. */
export function measureSharing<Result>(
  work: string,
  closure: TreeShape,
  measure: (title: string, contenders: readonly Contender[]) => Result,
): Record<string, Result> | null {
  if (process.getuid?.() !== 0) return null;
  const entries = Object.entries(filesystems).map(([name, argv]) => {
    const title = `a closure to a raw image beside it, on ${name}`;
    return [name, onFilesystem(work, argv, (folder) => measure(title, contendersIn(folder, closure)))] as const;
  });
  return Object.fromEntries(entries);
}

function contendersIn(folder: string, closure: TreeShape): readonly Contender[] {
  const tree = join(folder, "closure");
  mkdirSync(tree);
  makeTree(tree, closure);
  execFileSync("sync", ["--file-system", folder]);
  return sharingContenders(tree, folder);
}

function onFilesystem<Result>(work: string, argv: readonly string[], use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(work, "filesystem-"));
  const [file, mount] = [join(folder, "file"), join(folder, "mounted")];
  const [program = "", ...options] = argv;
  writeFileSync(file, "");
  truncateSync(file, size);
  execFileSync(program, [...options, file]);
  mkdirSync(mount);
  execFileSync("mount", ["-o", "loop", file, mount]);
  try {
    return use(mount);
  } finally {
    execFileSync("umount", [mount]);
    rmSync(folder, { recursive: true });
  }
}
