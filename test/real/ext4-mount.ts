import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import type { ExecutionContext } from "ava";
import { findTool } from "../../src/runtime/tools.ts";
import { temporaryFolder } from "../filesystems/ext4/judges.ts";

const script = `
mount -t ext4 -o "$1" "$2" "$3" && echo mounted && read -r _
umount "$3"
`;

/**
 * Lets the kernel mount an image, read-only unless `rw` is asked for, and gives what `look` makes of it. The mount is
 * in a namespace of its own: others that are made meanwhile, as sandboxes are, would keep it alive after its end.
 */
export async function mounted<T>(
  t: ExecutionContext,
  image: string,
  look: (folder: string) => T | Promise<T>,
  access: "ro" | "rw" = "ro",
): Promise<T> {
  const folder = `${temporaryFolder(t)}/mounted`;
  mkdirSync(folder);
  const arguments_ = [
    "--mount",
    "--propagation",
    "private",
    "sh",
    "-c",
    script,
    "sh",
    `loop,${access},noatime`,
    image,
    folder,
  ];
  const keeper = spawn(findTool("unshare"), arguments_, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(keeper, "exit");
  try {
    await Promise.race([once(keeper.stdout, "data"), ended]);
    if (keeper.exitCode !== null) throw new Error(`mount ended with ${keeper.exitCode}`);
    return await look(`/proc/${keeper.pid}/root${folder}`);
  } finally {
    await unmounted(keeper, ended);
  }
}

async function unmounted(keeper: ChildProcess, ended: Promise<unknown[]>): Promise<void> {
  keeper.stdin?.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`umount ended with ${String(code)}`);
}
