import { crc32 } from "node:zlib";
import type { Bytes } from "../../base/units.ts";

/** Words of a key, which a cluster is known by: SHA-256 of its bytes, or of which parts of which files of the store it is. */
export const keyWords = 8;
/** Words of a record: a key, the place in two of them, length and checksum. They are this machine's, as the cache is. */
export const recordWords = keyWords + 4;

/** The stored form of a cluster. */
export interface FormRecord {
  /** Where it begins. */
  readonly place: Bytes;
  /** That of a cluster itself: it does not compress, and nothing of it is kept. */
  readonly length: Bytes;
  readonly checksum: number;
}

/** The words of a sum. */
export function keyFrom(sum: Uint8Array): Uint32Array<ArrayBuffer> {
  return new Uint32Array(Uint8Array.from(sum).buffer);
}

/** The words of a record. */
export function recordOf(key: Uint32Array, { place, length, checksum }: FormRecord): readonly number[] {
  return [...key, place % 2 ** 32, Math.floor(place / 2 ** 32), length, checksum];
}

export function formOf(records: Uint32Array, index: number): FormRecord {
  const word = (place: number) => records[index * recordWords + keyWords + place] as number;
  return { place: word(1) * 2 ** 32 + word(0), length: word(2), checksum: word(3) };
}

export function keyOf(records: Uint32Array, index: number): Uint32Array {
  return records.subarray(index * recordWords, index * recordWords + keyWords);
}

/** The key of a cluster, of keys one behind the other; `undefined` where it is zeros. */
export function keyIn(keys: Uint32Array, cluster: number): Uint32Array | undefined {
  const key = keys.subarray(cluster * keyWords, (cluster + 1) * keyWords);
  return key.some((word) => word !== 0) ? key : undefined;
}

/** Whether a record is of this key. */
export function hasKey(records: Uint32Array, index: number, key: Uint32Array): boolean {
  const at = index * recordWords;
  for (let word = 0; word < keyWords; word += 1) if (records[at + word] !== key[word]) return false;
  return true;
}

/** The checksum of a form, by which it is not taken for that of another cluster either. */
export function checksumOf(form: Uint8Array, key: Uint32Array): number {
  return crc32(form, key[0]);
}
