import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { MiB } from "../../src/base/units.ts";
import { writeQcow2 } from "../../src/image/qcow2/write.ts";
import { temporaryFolder } from "./folder.ts";
import { sampleBytes } from "./sample.ts";

/** A qcow2 of 8 MiB, the first of which has bytes, not compressed. */
export async function plain(t: ExecutionContext): Promise<string> {
  const path = join(temporaryFolder(t), "disk.qcow2");
  const extents = [{ offset: 0, length: MiB, source: { kind: "bytes", bytes: sampleBytes(MiB, 1) } as const }];
  await writeQcow2({ size: 8 * MiB, extents }, path, { compression: "none" });
  return path;
}

/** Where the first-level table is, and the first of the second level. */
export function tablesOf(path: string): { l1: number; l2: number } {
  const bytes = readFileSync(path);
  const l1 = Number(bytes.readBigUInt64BE(40));
  return { l1, l2: Number(bytes.readBigUInt64BE(l1) & 0x00ff_ffff_ffff_fe00n) };
}

export function word(value: number): Buffer {
  return words(1, () => value);
}

/** A table of so many entries. */
export function words(count: number, valueAt: (index: number) => number): Buffer {
  const bytes = Buffer.alloc(8 * count);
  for (let index = 0; index < count; index += 1) bytes.writeBigUInt64BE(BigInt(valueAt(index)), 8 * index);
  return bytes;
}
