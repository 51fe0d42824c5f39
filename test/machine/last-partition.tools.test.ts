import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { furthestEnd, lastPartition } from "../../src/machine/grow/last-partition.ts";
import { relocateGpt } from "../../src/machine/relocate-gpt.ts";
import { MiB, TiB } from "../../src/base/units.ts";
import { findTool } from "../../src/runtime/tools.ts";
import { diskBySgdisk } from "./gpt-image.ts";

const size = 8 * MiB;
const larger = 32 * MiB;

test("in a GPT the last partition is the one that ends last, not the one with the highest number", (t) => {
  const disk = diskBySgdisk(size, "--new=2:2048:4095", "--new=1:4096:0");
  t.like(lastPartition(headOf(disk), 512), { number: 1, start: 2 * MiB, size: size - 2 * MiB - 33 * 512 });
});

test("a grown GPT is one that sgdisk has nothing against", (t) => {
  const disk = diskBySgdisk(size, "--new=1:2048:4095", "--new=2:4096:0");
  const head = headOf(disk);
  const end = furthestEnd(head, larger, 512);
  t.is(end, larger - MiB);
  const grown = lastPartition(head, 512)?.endingAt(end) ?? t.fail();
  const moved = relocateGpt(grown, { imageSize: size, deviceSize: larger, sectorSize: 512 });
  const bytes = Buffer.concat([disk, Buffer.alloc(larger - size)]);
  bytes.set(moved?.head ?? t.fail(), 0);
  bytes.set(moved?.backup.bytes ?? t.fail(), moved?.backup.offset);
  const path = fileWith(t, bytes);
  t.regex(execFileSync(findTool("sgdisk"), ["--verify", path], { encoding: "utf8" }), /No problems found/);
  const { partitiontable } = JSON.parse(execFileSync(findTool("sfdisk"), ["--json", path], { encoding: "utf8" }));
  t.is(partitiontable.partitions[1].size, (end - 2 * MiB) / 512);
  t.is(partitiontable.partitions[0].size, 2048);
});

test("in an MBR only the size of the last entry changes", (t) => {
  const path = fileWith(t, Buffer.alloc(size));
  sfdisk(path, "start=2048,size=2048,type=c\nstart=4096,type=83,bootable\n");
  const head = headOf(readFileSync(path));
  const end = furthestEnd(head, larger, 512);
  t.is(end, larger);
  const grown = lastPartition(head, 512)?.endingAt(end) ?? t.fail();
  writeFileSync(path, Buffer.concat([grown, Buffer.alloc(larger - grown.length)]));
  const { partitiontable } = JSON.parse(execFileSync(findTool("sfdisk"), ["--json", path], { encoding: "utf8" }));
  const [first, second] = partitiontable.partitions;
  t.like(first, { start: 2048, size: 2048 });
  t.like(second, { start: 4096, size: larger / 512 - 4096, type: "83", bootable: true });
});

test("an MBR cannot speak of what lies beyond 2 TiB", (t) => {
  const path = fileWith(t, Buffer.alloc(size));
  sfdisk(path, "start=2048,type=83\n");
  t.is(furthestEnd(headOf(readFileSync(path)), 3 * TiB, 512), 2 * TiB);
});

test("a logical partition at the end is not grown", (t) => {
  const path = fileWith(t, Buffer.alloc(size));
  sfdisk(path, "start=2048,size=2048,type=83\nstart=4096,type=5\nstart=6144,type=83\n");
  t.is(lastPartition(headOf(readFileSync(path)), 512), undefined);
});

test("no table, no partition", (t) => {
  t.is(lastPartition(new Uint8Array(MiB), 512), undefined);
});

function headOf(bytes: Buffer): Uint8Array {
  return Uint8Array.from(bytes.subarray(0, MiB));
}

function fileWith(t: ExecutionContext, bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-grow-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "disk"), bytes);
  return join(folder, "disk");
}

function sfdisk(path: string, partitions: string): void {
  execFileSync(findTool("sfdisk"), ["--quiet", path], { input: `label: dos\n${partitions}` });
}
