import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { MiB } from "../../src/base/units.ts";
import { judge, loopDevice, type Scope, temporaryFolder } from "./loop-device.ts";

/** Filesystems whose files can share blocks, by how they are made. */
export const sharing = {
  xfs: ["mkfs.xfs", "-q", "-m", "reflink=1"],
  btrfs: ["mkfs.btrfs", "-q"],
} as const;

/** One whose blocks are shorter than those that an image has holes of, and some whose files share none. */
export const others = {
  "xfs with blocks of 1024 bytes": ["mkfs.xfs", "-q", "-m", "reflink=1", "-b", "size=1024"],
  ext4: ["mkfs.ext4", "-q"],
  "xfs without reflink": ["mkfs.xfs", "-q", "-m", "reflink=0"],
} as const;

/** A new filesystem, which goes when the scope ends. */
export function mountNew(t: Scope, [program, ...options]: readonly [string, ...string[]], size = 1024 * MiB): string {
  const { path } = loopDevice(t, { size });
  judge(program, ...options, path);
  return mounted(t, path);
}

function mounted(t: Scope, ...what: string[]): string {
  const folder = join(temporaryFolder(t), "mounted");
  mkdirSync(folder);
  judge("mount", ...what, folder);
  t.teardown(() => judge("umount", folder));
  return folder;
}

/** A filesystem in memory. */
export function mountMemory(t: Scope, options = "size=50%"): string {
  return mounted(t, "-t", "tmpfs", "-o", options, "tmpfs");
}

/** How many bytes of a file are stored where those of other files are stored as well, and how many are not. */
export function storedBytes(path: string): { shared: number; own: number } {
  judge("sync", "--file-system", path);
  const stored = { shared: 0, own: 0 };
  for (const line of judge("filefrag", "-v", "-b1", path).split("\n")) {
    const [, length, flags = ""] = /^ *\d+: +\d+\.\. *\d+: +\d+\.\. *\d+: +(\d+):(.*)/.exec(line) ?? [];
    if (length !== undefined) stored[/\bshared\b/.test(flags) ? "shared" : "own"] += Number(length);
  }
  return stored;
}
