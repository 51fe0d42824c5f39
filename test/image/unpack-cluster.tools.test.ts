import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { constants, deflateRawSync } from "node:zlib";
import test, { type ExecutionContext } from "ava";
import { KiB } from "../../src/base/units.ts";
import { Qcow2Disk } from "../../src/image/qcow2/read/qcow2-disk.ts";
import { compressedEntry } from "../../src/structures/qcow2/entries.ts";
import { overwrite, tool } from "../inspect/images.ts";
import { plain, tablesOf } from "./qcow2-file.ts";

// What is behind the window of 4 KiB that QEMU itself writes with.
const half = randomBytes(32 * KiB - 300);
const cluster = Buffer.concat([half, half, Buffer.alloc(600, "text ")]);
const longer = deflateRawSync(Buffer.concat([cluster, randomBytes(5000)]));

for (const [what, stream] of [
  ["with a window of 32 KiB", deflateRawSync(cluster, { windowBits: 15 })],
  ["whose stream goes on", longer],
  ["whose stream does not end", longer.subarray(0, longer.length - (longer.length % 512))],
] as const) {
  test(`read as QEMU reads it: a compressed cluster ${what}`, async (t) => {
    const path = await withCluster(t, stream);
    tool("qemu-img", "convert", "-f", "qcow2", "-O", "raw", path, `${path}.raw`);
    using disk = await opened(path);
    t.true(readFileSync(`${path}.raw`).subarray(0, cluster.length).equals(cluster), "by QEMU");
    t.true(disk.read(0, cluster.length).equals(cluster));
  });
}

for (const [what, stream] of [
  ["whose stream ends before the cluster is full", deflateRawSync(cluster.subarray(0, -1))],
  // What is behind it up to a sector's end is zeros.
  ["whose stream does not go on as it should", deflateRawSync(cluster, { finishFlush: constants.Z_SYNC_FLUSH })],
  ["that is cut off", deflateRawSync(cluster).subarray(0, 20_480)],
] as const) {
  test(`refused, as by QEMU: a compressed cluster ${what}`, async (t) => {
    const path = await withCluster(t, stream);
    t.throws(() => tool("qemu-img", "convert", "-f", "qcow2", "-O", "raw", path, `${path}.raw`));
    using disk = await opened(path);
    t.throws(() => disk.read(0, 512), { code: "BAD_IMAGE", message: /compressed cluster of the image is damaged/ });
  });
}

/** A qcow2 whose first cluster is this stream, behind everything else. */
async function withCluster(t: ExecutionContext, stream: Buffer): Promise<string> {
  const path = await plain(t);
  const { size } = statSync(path);
  const entry = Buffer.alloc(8);
  entry.writeBigUInt64BE(compressedEntry(size, stream.length, 16));
  overwrite(path, size, stream);
  overwrite(path, tablesOf(path).l2, entry);
  return path;
}

async function opened(path: string): Promise<Qcow2Disk> {
  const disk = await Qcow2Disk.open(path);
  if (disk === undefined) throw new Error(`${path} is not read in place`);
  return disk;
}
