import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import type { Ext4Plan } from "../../../src/filesystems/ext4/ext4.ts";
import { writeRaw } from "../../../src/image/raw.ts";
import { findTool, type Tool } from "../../../src/runtime/tools.ts";

/** Returns a program's standard output. A failure fails the test, with all that it printed. */
export function judge(tool: Tool, ...arguments_: string[]): string {
  const options = { encoding: "latin1", env: { LC_ALL: "C", TZ: "UTC" }, maxBuffer: 2 ** 30 } as const;
  const { status, stdout, stderr, error } = spawnSync(findTool(tool), arguments_, options);
  if (status !== 0) throw new Error(`${tool} ${arguments_.join(" ")}: ${status} ${error ?? ""}\n${stdout}${stderr}`);
  return stdout;
}

/** A folder that goes away with the test. */
export function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-ext4-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a filesystem into a file of its own, and makes sure that e2fsprogs find nothing to say against it. */
export async function writeClean(plan: Ext4Plan, path: string): Promise<void> {
  await writeRaw({ size: plan.size, extents: plan.extents() }, path);
  requireClean(path);
}

/** Throws unless e2fsck is silent but for the names of its passes, and the other tools read the image. */
export function requireClean(path: string): void {
  const lines = judge("e2fsck", "-f", "-n", path).trimEnd().split("\n");
  const complaints = lines.slice(0, -1).filter((line) => !/^Pass [1-5]: /.test(line));
  if (complaints.length > 0) throw new Error(`e2fsck: ${complaints.join("\n")}`);
}

/** The fields of a superblock by the names that dumpe2fs gives them. */
export function superblockOf(path: string): Map<string, string> {
  const lines = judge("dumpe2fs", "-h", path).split("\n");
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
}
