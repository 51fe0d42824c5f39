import { type Bytes, roundDown, roundUp } from "../../base/units.ts";
import { compressedEntry, qcow2EntryLength, standardEntry } from "../../structures/qcow2/entries.ts";
import { clusterBits, clusterSize, entriesPerTable } from "./format.ts";

/**
 * Where the guest's clusters lie in the file, and how often each of the file's clusters is referred to. Compressed
 * clusters are packed one behind the other, plain ones are aligned. The first cluster is the header's.
 */
export class Qcow2Allocation {
  /** One for each of the file's clusters. */
  readonly refcounts: number[] = [1];
  /** By the index of the L1 entry; where nothing is stored there is none. */
  readonly l2Tables = new Map<number, Buffer>();
  #packed: Bytes = 0;

  /** The end of what has been given away. */
  get end(): Bytes {
    return this.refcounts.length * clusterSize;
  }

  /** Gives away `count` whole clusters for something that is referred to once, and says where they begin. */
  reserve(count: number): Bytes {
    const offset = this.end;
    for (let index = 0; index < count; index += 1) this.refcounts.push(1);
    return offset;
  }

  /** Says where a guest cluster goes that is stored in `length` bytes: compressed, unless it is a whole cluster. */
  place(guestCluster: number, length: Bytes): Bytes {
    return length === clusterSize ? this.#placePlain(guestCluster) : this.#placeCompressed(guestCluster, length);
  }

  #placePlain(guestCluster: number): Bytes {
    const offset = this.reserve(1);
    this.#map(guestCluster, standardEntry(offset));
    return offset;
  }

  #placeCompressed(guestCluster: number, length: Bytes): Bytes {
    const room = roundUp(this.#packed, clusterSize) - this.#packed;
    // Plain clusters may have come between: then a piece cannot reach across the end of the cluster that is being packed.
    const reaches = this.#packed + room === this.end;
    const offset = length <= room || (room > 0 && reaches) ? this.#packed : this.end;
    this.#packed = offset + length;
    const last = roundDown(offset + length - 1, clusterSize) / clusterSize;
    for (let cluster = roundDown(offset, clusterSize) / clusterSize; cluster <= last; cluster += 1) {
      this.refcounts[cluster] = (this.refcounts[cluster] ?? 0) + 1;
    }
    this.#map(guestCluster, compressedEntry(offset, length, clusterBits));
    return offset;
  }

  #map(guestCluster: number, entry: bigint): void {
    const index = Math.floor(guestCluster / entriesPerTable);
    let table = this.l2Tables.get(index);
    if (table === undefined) {
      table = Buffer.alloc(clusterSize);
      this.l2Tables.set(index, table);
    }
    table.writeBigUInt64BE(entry, (guestCluster % entriesPerTable) * qcow2EntryLength);
  }
}
