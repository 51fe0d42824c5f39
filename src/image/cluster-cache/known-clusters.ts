import { hash } from "node:crypto";
import { readSync } from "node:fs";
import type { Bytes } from "../../base/units.ts";
import { clusterSize } from "../qcow2/format.ts";
import type { FormFile } from "./form-file.ts";
import { checksumOf, type FormRecord, formOf, hasKey, keyFrom, keyOf, keyWords, recordWords } from "./record.ts";

/** The clusters whose forms are there, in memory that all threads see. */
export interface KnownClusters {
  /** All records, those of one file behind those of the other. */
  readonly records: Uint32Array<SharedArrayBuffer>;
  /** A hash table with room to spare: one more than the index of a record, or 0. */
  readonly slots: Int32Array<SharedArrayBuffer>;
  readonly files: readonly { readonly descriptor: number; readonly lastRecord: number }[];
  /** For each file 1 when a form of it was taken. */
  readonly taken: Int32Array<SharedArrayBuffer>;
}

/** Gathers what files know. Of two records of one cluster that of the later file counts. */
export function gatherClusters(files: readonly FormFile[]): KnownClusters {
  const count = files.reduce((sum, { records }) => sum + records.length / recordWords, 0);
  const known = {
    records: new Uint32Array(new SharedArrayBuffer(count * recordWords * 4)),
    slots: new Int32Array(new SharedArrayBuffer(4 * 2 ** Math.ceil(Math.log2(2 * count + 2)))),
    files: [] as { descriptor: number; lastRecord: number }[],
    taken: new Int32Array(new SharedArrayBuffer(files.length * 4)),
  };
  let next = 0;
  for (const { descriptor, records } of files) {
    known.records.set(records, next * recordWords);
    const end = next + records.length / recordWords;
    for (; next < end; next += 1) known.slots[slotOf(known, keyOf(known.records, next))] = next + 1;
    known.files.push({ descriptor, lastRecord: end - 1 });
  }
  return known;
}

/** The key of a cluster by its bytes. */
export function clusterKey(cluster: Uint8Array): Uint32Array {
  return keyFrom(hash("sha256", cluster, "buffer"));
}

/**
 * Puts the form of a cluster into `target` and gives its length; `undefined` where it is not known, or not sound. Of one
 * that does not compress it is the cluster itself: without that, it is not known.
 */
export function takeForm(
  known: KnownClusters,
  key: Uint32Array,
  target: Buffer,
  cluster?: Uint8Array,
): Bytes | undefined {
  const index = findRecord(known, key);
  if (index === undefined) return undefined;
  const form = formOf(known.records, index);
  const file = fileOf(known, index);
  const isTaken =
    form.length === clusterSize
      ? copyCluster(cluster, target)
      : readForm(known.files[file]?.descriptor ?? -1, form, key, target);
  if (isTaken) markTaken(known, file);
  return isTaken ? form.length : undefined;
}

/** The index of the record of a key; `undefined` where it is not known. */
export function findRecord(known: KnownClusters, key: Uint32Array): number | undefined {
  const slot = known.slots[slotOf(known, key)] ?? 0;
  return slot === 0 ? undefined : slot - 1;
}

/** The index of the file that a record is of. */
export function fileOf({ files }: KnownClusters, record: number): number {
  return files.findIndex(({ lastRecord }) => record <= lastRecord);
}

/** Says that a form of this file was taken. */
export function markTaken({ taken }: KnownClusters, file: number): void {
  taken[file] = 1;
}

function copyCluster(cluster: Uint8Array | undefined, target: Buffer): boolean {
  if (cluster !== undefined) target.set(cluster);
  return cluster !== undefined;
}

function readForm(descriptor: number, { place, length, checksum }: FormRecord, key: Uint32Array, target: Buffer) {
  try {
    const bytesRead = readSync(descriptor, target, 0, Math.min(length, target.length), place);
    return bytesRead === length && checksumOf(target.subarray(0, length), key) === checksum;
  } catch {
    return false;
  }
}

/** The slot of a key: with its record, or the one that is free for it. */
function slotOf({ slots, records }: Pick<KnownClusters, "slots" | "records">, key: Uint32Array): number {
  const mask = slots.length - 1;
  let slot = hashOf(key) & mask;
  for (let record = slots[slot] ?? 0; record !== 0; record = slots[slot] ?? 0) {
    if (hasKey(records, record - 1, key)) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

/** Keys of the clusters of one file differ only in their last words, which have a position: mostly a multiple of 64 KiB. */
function hashOf(key: Uint32Array): number {
  const [, word = 0] = key;
  const [low = 0, high = 0] = [key[keyWords - 2], key[keyWords - 1]];
  return word ^ Math.imul(low ^ (low >>> 16) ^ high, 0x9e3779b1);
}
