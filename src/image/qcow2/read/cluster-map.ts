import { type Bytes, MiB } from "../../../base/units.ts";
import type { Run } from "../../extent.ts";
import { addRun, type MappedRun } from "../../runs.ts";
import { type ClusterPlace, offsetIn, placeIn } from "../../../structures/qcow2/places.ts";
import type { Qcow2Header } from "./header.ts";

/** Reads the file: exactly so many bytes, which are inside of it. */
type ReadFile = (position: Bytes, length: Bytes) => Buffer;

/** The longest first-level table that QEMU reads. */
const longestL1: Bytes = 32 * MiB;
/** More than a disk is ever in that was written by a machine. Each takes some 40 bytes. */
const mostRuns = 2 ** 20;
/** How much more compressed clusters stand for than the file has, as in `mapImage`. */
const [mostRatio, unpackedOfAny] = [64, 64 * MiB];
/** The memory for tables that were looked at last. */
const keptTables: Bytes = 4 * MiB;

/** Where the clusters of a qcow2 are. */
export class ClusterMap {
  readonly header: Qcow2Header;
  readonly clusterSize: Bytes;
  /** The parts of the disk that have bytes in the file, in order, none beside another. */
  readonly runs: readonly Run[];
  readonly dataBytes: Bytes;
  readonly #l1: Buffer;
  readonly #read: ReadFile;
  readonly #kept = new Map<Bytes, Buffer>();

  /**
   * Looks through all tables; `undefined` where they lie outside of the file, or stand for more than it can hold.
   *
   * @param fileSize which bounds how much is read and kept.
   */
  static of(header: Qcow2Header, fileSize: Bytes, read: ReadFile): ClusterMap | undefined {
    const { clusterBits, l1Offset, l1Entries, size } = header;
    const perTable = 2 ** (2 * clusterBits - 3);
    const length = 8 * l1Entries;
    const isThere = length <= longestL1 && l1Offset + length <= fileSize && l1Entries >= Math.ceil(size / perTable);
    if (!isThere) return undefined;
    const l1 = read(l1Offset, length);
    const survey = surveyed(header, l1, fileSize, read);
    return survey === undefined ? undefined : new ClusterMap(header, l1, survey, read);
  }

  private constructor(header: Qcow2Header, l1: Buffer, { runs, dataBytes }: Survey, read: ReadFile) {
    this.header = header;
    this.clusterSize = 2 ** header.clusterBits;
    this.runs = runs;
    this.dataBytes = dataBytes;
    this.#l1 = l1;
    this.#read = read;
  }

  /** The place of a cluster, which is on the disk. */
  place(cluster: number): ClusterPlace {
    const { clusterBits, knowsZeros } = this.header;
    const entries = this.clusterSize / 8;
    const offset = offsetIn({ bytes: this.#l1, index: Math.floor(cluster / entries) });
    return offset === 0
      ? undefined
      : placeIn({ bytes: this.#table(offset), index: cluster % entries }, clusterBits, knowsZeros);
  }

  /** The data as parts of the file; `undefined` where some of it is compressed. */
  plainRuns(): MappedRun[] | undefined {
    const plain: MappedRun[] = [];
    for (const { offset, length } of this.runs) {
      for (let at = offset; at < offset + length; at += this.clusterSize) {
        const place = this.place(at / this.clusterSize);
        if (place === undefined || place.packedLength !== undefined) return undefined;
        addRun(plain, { offset: at, length: this.clusterSize, position: place.offset });
      }
    }
    return plain;
  }

  #table(offset: Bytes): Buffer {
    const kept = this.#kept.get(offset);
    if (kept !== undefined) return kept;
    const table = this.#read(offset, this.clusterSize);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size * this.clusterSize >= keptTables && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(offset, table);
    return table;
  }
}

interface Survey {
  readonly runs: Run[];
  readonly dataBytes: Bytes;
}

function surveyed({ clusterBits, knowsZeros, size }: Qcow2Header, l1: Buffer, fileSize: Bytes, read: ReadFile) {
  const clusterSize = 2 ** clusterBits;
  const sums = { tables: clusterSize, stored: 0, packed: 0 };
  const runs: { offset: Bytes; length: Bytes }[] = [];
  for (let index = 0; index < l1.length / 8; index += 1) {
    const at = offsetIn({ bytes: l1, index });
    if (at === 0) continue;
    sums.tables += clusterSize;
    if (at + clusterSize > fileSize || sums.tables > fileSize) return undefined;
    const table = read(at, clusterSize);
    for (let entry = 0; entry < clusterSize / 8; entry += 1) {
      const place = placeIn({ bytes: table, index: entry }, clusterBits, knowsZeros);
      if (place === undefined) continue;
      const { offset, packedLength } = place;
      if (offset + (packedLength === undefined ? clusterSize : 1) > fileSize) return undefined;
      const position = (index * (clusterSize / 8) + entry) * clusterSize;
      if (position >= size) continue;
      if (packedLength === undefined) sums.stored += clusterSize;
      else sums.packed += clusterSize;
      const last = runs.at(-1);
      if (last !== undefined && last.offset + last.length === position) last.length += clusterSize;
      else runs.push({ offset: position, length: clusterSize });
    }
    const isBounded = sums.stored <= fileSize && sums.packed <= unpackedOfAny + mostRatio * fileSize;
    if (!isBounded || runs.length > mostRuns) return undefined;
  }
  return { runs, dataBytes: sums.stored + sums.packed };
}
