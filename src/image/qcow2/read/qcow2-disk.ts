import { closeSync, fstatSync, openSync } from "node:fs";
import { Recent } from "../../../base/recent.ts";
import { type Bytes, MiB } from "../../../base/units.ts";
import { FileDisk } from "../../file-disk.ts";
import { headLength } from "../../formats/format.ts";
import { readExactly } from "../../read-exactly.ts";
import { realSizeOf } from "../../real-size.ts";
import type { MappedRun } from "../../runs.ts";
import { Turns } from "../../turns.ts";
import { ClusterMap } from "./cluster-map.ts";
import { readQcow2Header } from "./header.ts";
import { unpackCluster } from "./unpack-cluster.ts";

/** The memory for compressed clusters that were looked at last. */
const keptBytes: Bytes = 8 * MiB;

/** A disk in a qcow2 file, whose clusters stand in it as they are, or compressed. */
export class Qcow2Disk extends FileDisk {
  readonly #fileSize: Bytes;
  readonly #map: ClusterMap;
  readonly #unpacked: Recent<number, Buffer>;

  /**
   * Opens a file; `undefined` where it is none of those that are read in place, and QEMU has to say what is in it.
   *
   * @throws MkimageError INTERRUPTED.
   */
  static async open(path: string, signal?: AbortSignal): Promise<Qcow2Disk | undefined> {
    const descriptor = openSync(path, "r");
    let disk: Qcow2Disk | undefined;
    try {
      const map = await mapOf(descriptor, path, new Turns(signal));
      return (disk = map === undefined ? undefined : new Qcow2Disk(path, descriptor, map));
    } finally {
      if (disk === undefined) closeSync(descriptor);
    }
  }

  private constructor(path: string, descriptor: number, map: ClusterMap) {
    // Unpacked.
    super({ path, descriptor }, { size: map.header.size, storedBytes: map.dataBytes, runs: map.runs });
    this.#fileSize = fstatSync(descriptor).size;
    this.#map = map;
    this.#unpacked = new Recent(keptBytes / map.clusterSize);
  }

  protected override async places(turns: Turns): Promise<readonly MappedRun[] | undefined> {
    return await this.#map.plainRuns(turns);
  }

  protected override fill(position: Bytes, target: Buffer): void {
    const { clusterSize } = this.#map;
    for (let done = 0; done < target.length;) {
      const cluster = Math.floor((position + done) / clusterSize);
      const skip = position + done - cluster * clusterSize;
      const part = target.subarray(done, done + Math.min(clusterSize - skip, target.length - done));
      const place = this.#map.place(cluster);
      if (place?.packedLength !== undefined) {
        this.#cluster(cluster, place.offset, place.packedLength).copy(part, 0, skip);
      } else if (place !== undefined) readExactly(this.file, place.offset + skip, part);
      done += part.length;
    }
  }

  #cluster(index: number, offset: Bytes, packedLength: Bytes): Buffer {
    const kept = this.#unpacked.get(index);
    if (kept !== undefined) return kept;
    const { clusterSize, header } = this.#map;
    // Behind the end of the file are zeros, as for QEMU.
    const packed = Buffer.alloc(packedLength);
    readExactly(this.file, offset, packed.subarray(0, this.#fileSize - offset));
    return this.#unpacked.keep(index, unpackCluster(packed, clusterSize, header.compression));
  }
}

async function mapOf(descriptor: number, path: string, turns: Turns): Promise<ClusterMap | undefined> {
  const { size, blocks } = fstatSync(descriptor);
  const read = (position: Bytes, length: Bytes): Buffer =>
    readExactly({ descriptor, path }, position, Buffer.allocUnsafeSlow(length));
  const header = size < headLength ? undefined : readQcow2Header(read(0, headLength));
  if (header === undefined) return undefined;
  return await ClusterMap.of(header, { size, realSize: realSizeOf(size, blocks * 512), read }, turns);
}
