import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import test from "ava";
import { compressedEntry, standardEntry } from "../../src/structures/qcow2/entries.ts";
import {
  qcow2CompressionTypes,
  qcow2Header,
  qcow2HeaderLength,
  qcow2Incompatible,
  qcow2Magic,
  qcow2Version,
} from "../../src/structures/qcow2/header.ts";
import { readRecord } from "../../src/structures/record.ts";
import { tool } from "../inspect/images.ts";

const MiB = 1024 * 1024;

/** A file that qemu-img makes of a disk of 8 MiB whose first cluster has content. */
function made(...options: readonly string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-qcow2-"));
  const [raw, path] = [join(folder, "raw"), join(folder, "qcow2")];
  try {
    writeFileSync(raw, Buffer.concat([Buffer.alloc(64 * 1024, "content "), Buffer.alloc(8 * MiB - 64 * 1024)]));
    tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", ...options, raw, path);
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The entry of the first L2 table for the disk's first cluster, by the tables that the header leads to. */
function firstEntry(file: Buffer): bigint {
  const l1Entry = file.readBigUInt64BE(Number(qcow2Header.l1At.read(file)));
  return file.readBigUInt64BE(Number(l1Entry & 0x00ff_ffff_ffff_fe00n));
}

test("the header that qemu-img writes", (t) => {
  const file = made();
  t.like(readRecord(qcow2Header, file), {
    magic: qcow2Magic,
    version: qcow2Version,
    backingFileAt: 0n,
    backingFileLength: 0,
    clusterBits: 16,
    size: BigInt(8 * MiB),
    l1Entries: 1,
    refcountTableClusters: 1,
    incompatibleFeatures: 0n,
    refcountOrder: 4,
    headerLength: qcow2HeaderLength,
    compressionType: qcow2CompressionTypes.zlib,
  });
});

test("the compression type that qemu-img writes", (t) => {
  const file = made("-c", "-o", "compression_type=zstd");
  t.is(qcow2Header.compressionType.read(file), qcow2CompressionTypes.zstd);
  t.is(qcow2Header.incompatibleFeatures.read(file), qcow2Incompatible.compressionType);
});

test("the entry of a plain cluster that qemu-img writes", (t) => {
  const file = made();
  const entry = firstEntry(file);
  const offset = Number(entry & 0x00ff_ffff_ffff_fe00n);
  t.is(entry, standardEntry(offset));
  t.is(file.toString("latin1", offset, offset + 8), "content ");
});

for (const clusterBits of [9, 16, 21]) {
  test(`the entry of a compressed cluster that qemu-img writes, clusters of 2^${clusterBits} bytes`, (t) => {
    const file = made("-c", "-o", `cluster_size=${2 ** clusterBits}`);
    const entry = firstEntry(file);
    const offsetBits = BigInt(62 - (clusterBits - 8));
    const offset = Number(entry & ((1n << offsetBits) - 1n));
    const further = Number((entry & ~(3n << 62n)) >> offsetBits);
    t.is(entry, compressedEntry(offset, 512 * further + 1, clusterBits));
    const stored = file.subarray(offset, 512 * (Math.floor(offset / 512) + further + 1));
    t.is(inflateRawSync(stored).toString("latin1", 0, 8), "content ");
  });
}

test("a compressed cluster's further sectors are counted from its first byte's", (t) => {
  const sectors = (offset: number, length: number): bigint => (compressedEntry(offset, length, 16) >> 54n) & 0xffn;
  t.deepEqual([sectors(0, 512), sectors(0, 513), sectors(511, 1), sectors(511, 2)], [0n, 1n, 0n, 1n]);
});
