import { closeSync, fstatSync, openSync } from "node:fs";
import { byteString } from "../../../base/byte-string.ts";
import { MkimageError } from "../../../base/errors.ts";
import { type Bytes, MiB } from "../../../base/units.ts";
import type { StoredDisk } from "../../disk-bytes.ts";
import { blockLength, type Extent, type ExtentSource, fileExtent } from "../../extent.ts";
import { headLength } from "../../formats/format.ts";
import { type OpenedFile, readExactly } from "../../read-exactly.ts";
import { realSizeOf } from "../../real-size.ts";
import { seekRuns } from "../../runs.ts";
import { Turns } from "../../turns.ts";
import { ClusterMap } from "./cluster-map.ts";
import { readQcow2Header } from "./header.ts";
import { unpackCluster } from "./unpack-cluster.ts";

/** The memory for compressed clusters that were looked at last. */
const keptBytes: Bytes = 8 * MiB;

/** A disk in a qcow2 file, read where it is. */
export class Qcow2Disk implements StoredDisk, Disposable {
  readonly size: Bytes;
  readonly #file: OpenedFile;
  readonly #fileSize: Bytes;
  readonly #map: ClusterMap;
  readonly #unpacked = new Map<number, Buffer>();

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
    this.size = map.header.size;
    this.#file = { path, descriptor };
    this.#fileSize = fstatSync(descriptor).size;
    this.#map = map;
  }

  /** Unpacked. */
  get storedBytes(): Bytes {
    return this.#map.dataBytes;
  }

  seek(position: Bytes, what: "data" | "hole"): Bytes | undefined {
    return seekRuns(this.#map.runs, position, what);
  }

  read(position: Bytes, length: Bytes): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.size - position)));
    this.#fill(position, bytes);
    return bytes;
  }

  /** In blocks, which are read when they are asked for. */
  sourceAt(position: Bytes): ExtentSource {
    return { kind: "blocks", position, write: (index, block) => this.#readBlock(index * blockLength, block) };
  }

  /** The data as extents of the file; `undefined` where some of it is compressed. */
  fileExtents(): Extent[] | undefined {
    const path = byteString(this.#file.path);
    return this.#map.plainRuns()?.map(({ offset, length, position }) => {
      return fileExtent(offset, Math.min(length, this.size - offset), path, position);
    });
  }

  [Symbol.dispose](): void {
    closeSync(this.#file.descriptor);
  }

  #readBlock(position: Bytes, block: Buffer): void {
    if (position >= this.size) throw new MkimageError("BAD_IMAGE", `the image ends at byte ${this.size}`);
    this.#fill(position, block.subarray(0, Math.min(block.length, this.size - position)));
  }

  /** `target` is zeros. */
  #fill(position: Bytes, target: Buffer): void {
    const { clusterSize } = this.#map;
    for (let done = 0; done < target.length;) {
      const cluster = Math.floor((position + done) / clusterSize);
      const skip = position + done - cluster * clusterSize;
      const part = target.subarray(done, done + Math.min(clusterSize - skip, target.length - done));
      const place = this.#map.place(cluster);
      if (place?.packedLength !== undefined) {
        this.#cluster(cluster, place.offset, place.packedLength).copy(part, 0, skip);
      } else if (place !== undefined) readExactly(this.#file, place.offset + skip, part);
      done += part.length;
    }
  }

  #cluster(index: number, offset: Bytes, packedLength: Bytes): Buffer {
    const kept = this.#unpacked.get(index);
    if (kept !== undefined) return kept;
    const { clusterSize, header } = this.#map;
    // Behind the end of the file are zeros, as for QEMU.
    const packed = Buffer.alloc(packedLength);
    readExactly(this.#file, offset, packed.subarray(0, this.#fileSize - offset));
    const cluster = unpackCluster(packed, clusterSize, header.compression);
    const [oldest] = this.#unpacked.keys();
    if (this.#unpacked.size * clusterSize >= keptBytes && oldest !== undefined) this.#unpacked.delete(oldest);
    this.#unpacked.set(index, cluster);
    return cluster;
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
