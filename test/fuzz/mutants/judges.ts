import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, statSync } from "node:fs";
import type { Original, Placed } from "./originals.ts";

/** The findings of somebody else's program. */
export interface Finding {
  readonly judge: "qemu-img" | "sgdisk" | "sfdisk" | "e2fsck" | "fsck.vfat";
  readonly says: string;
}

/** The faults of an image by those who know its format, its table and its filesystems; the first of them. */
export function firstFinding(path: string, original: Original): Finding | undefined {
  if (original.format === "raw") return ofDisk(path, original);
  const { format } = original;
  const check = spoken("qemu-img", "check", "-f", format, path);
  // 3: room that is lost; 63: no check for this format.
  if (![0, 3, 63].includes(check.status)) return { judge: "qemu-img", says: check.text };
  const raw = `${path}.raw`;
  try {
    const convert = spoken("qemu-img", "convert", "-f", format, "-O", "raw", path, raw);
    return convert.status === 0 ? ofDisk(raw, original) : { judge: "qemu-img", says: convert.text };
  } finally {
    rmSync(raw, { force: true });
  }
}

function ofDisk(path: string, { table, filesystems }: Original): Finding | undefined {
  const found = table === null ? undefined : table === "gpt" && !hasOwnPartitions(path) ? byBoth(path) : bySfdisk(path);
  if (found !== undefined) return found;
  for (const filesystem of filesystems) {
    const finding = ofFilesystem(path, filesystem);
    if (finding !== undefined) return finding;
  }
  return undefined;
}

function byBoth(path: string): Finding | undefined {
  return bySgdisk(path) ?? bySfdisk(path);
}

/** An MBR with partitions, none of which protects a GPT: Linux goes by it, and `verify` says that there is an old GPT. */
function hasOwnPartitions(path: string): boolean {
  const mbr = readFileSync(path).subarray(0, 512);
  const types = [0, 1, 2, 3].map((entry) => mbr[446 + 16 * entry + 4] ?? 0);
  return types.some((type) => type !== 0) && !types.includes(0xee);
}

function bySgdisk(path: string): Finding | undefined {
  const { status, text } = spoken("sgdisk", "--verify", path);
  const isSound = status === 0 && /^No problems found/m.test(text) && !/invalid|corrupt|mismatch|CRC/i.test(text);
  return isSound ? undefined : { judge: "sgdisk", says: text };
}

function bySfdisk(path: string): Finding | undefined {
  const { status, text } = spoken("sfdisk", "--verify", path);
  const isSound =
    status === 0 && /^No errors detected/m.test(text) && !/invalid|corrupt|mismatch|unrecogni/i.test(text);
  if (!isSound) return { judge: "sfdisk", says: text };
  const dump = spoken("sfdisk", "--json", path);
  return dump.status === 0 ? undefined : { judge: "sfdisk", says: dump.text };
}

function ofFilesystem(path: string, { type, offset, length }: Placed): Finding | undefined {
  const part = `${path}.part`;
  const size = Math.max(0, Math.min(length, statSync(path).size - offset));
  try {
    const [block, skip, count] = [1024 * 1024, offset / 1024 / 1024, Math.ceil(size / 1024 / 1024)];
    spoken("dd", `if=${path}`, `of=${part}`, `bs=${block}`, `skip=${skip}`, `count=${count}`, "conv=sparse");
    const [judge, option] = type === "ext4" ? (["e2fsck", "-fn"] as const) : (["fsck.vfat", "-n"] as const);
    const { status, text } = spoken(judge, option, part);
    return status === 0 ? undefined : { judge, says: text };
  } finally {
    rmSync(part, { force: true });
  }
}

function spoken(name: string, ...arguments_: readonly string[]): { readonly status: number; readonly text: string } {
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, LC_ALL: "C" };
  const { status, stdout, stderr } = spawnSync(name, arguments_, { encoding: "utf8", env, input: "", timeout: 60_000 });
  return { status: status ?? -1, text: `${stdout}\n${stderr}` };
}
