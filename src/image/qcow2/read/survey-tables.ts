import { type Bytes, MiB } from "../../../base/units.ts";
import { isSound, offsetIn, placeIn } from "../../../structures/qcow2/places.ts";
import type { Run } from "../../extent.ts";
import { mostRuns } from "../../runs.ts";
import type { Turns } from "../../turns.ts";
import type { Qcow2Header } from "./header.ts";

/** The file of a qcow2. */
export interface SurveyedFile {
  readonly size: Bytes;
  /** Which bounds how much is read and kept: holes of a file cost nothing, and can be tables without end. */
  readonly realSize: Bytes;
  /** Reads exactly so many bytes, which are inside of the file. */
  read(position: Bytes, length: Bytes): Buffer;
}

/** The facts that all tables of a qcow2 give together. */
export interface TableSurvey {
  /** The parts of the disk that have bytes in the file, in order, none beside another. */
  readonly runs: readonly Run[];
  readonly dataBytes: Bytes;
}

/** How much more compressed clusters stand for than the file has, as in `mapImage`. */
const [mostRatio, unpackedOfAny] = [64, 64 * MiB];

/**
 * Looks through the tables, as far as the disk goes; `undefined` where QEMU would not read them, one is named twice, or
 * they stand for more than the file can hold.
 *
 * @throws MkimageError INTERRUPTED.
 */
export async function surveyTables(
  header: Qcow2Header,
  l1: Buffer,
  file: SurveyedFile,
  turns: Turns,
): Promise<TableSurvey | undefined> {
  const clusterSize = 2 ** header.clusterBits;
  const count = Math.ceil(header.size / (clusterSize * (clusterSize / 8)));
  const sums = new Sums(header, file);
  const seen = new Set<Bytes>();
  for (let index = 0; index < count; index += 1) {
    if (turns.isOver) await turns.next();
    const at = offsetIn({ bytes: l1, index });
    if (at === 0) continue;
    const isNew = at % clusterSize === 0 && at + clusterSize <= file.size && !seen.has(at);
    // One more for the header.
    if (!isNew || (seen.add(at).size + 1) * clusterSize > file.realSize) return undefined;
    if (!sums.add(file.read(at, clusterSize), index * (clusterSize / 8))) return undefined;
  }
  return sums;
}

class Sums implements TableSurvey {
  readonly runs: { offset: Bytes; length: Bytes }[] = [];
  readonly #header: Qcow2Header;
  readonly #file: SurveyedFile;
  readonly #clusterSize: Bytes;
  #stored = 0;
  #packed = 0;

  constructor(header: Qcow2Header, file: SurveyedFile) {
    this.#header = header;
    this.#file = file;
    this.#clusterSize = 2 ** header.clusterBits;
  }

  get dataBytes(): Bytes {
    return this.#stored + this.#packed;
  }

  /** Adds an L2 table, whose first entry is for cluster `first`. Says whether it is sound and the file can stand for all. */
  add(bytes: Buffer, first: number): boolean {
    const { clusterBits, knowsZeros, size } = this.#header;
    for (let index = 0; index < bytes.length / 8; index += 1) {
      const table = { bytes, index };
      if (!isSound(table, clusterBits, knowsZeros)) return false;
      const place = placeIn(table, clusterBits, knowsZeros);
      if (place === undefined) continue;
      const isPacked = place.packedLength !== undefined;
      if (place.offset + (isPacked ? 1 : this.#clusterSize) > this.#file.size) return false;
      const position = (first + index) * this.#clusterSize;
      if (position < size) this.#addCluster(position, isPacked);
    }
    return this.#isBounded;
  }

  #addCluster(position: Bytes, isPacked: boolean): void {
    if (isPacked) this.#packed += this.#clusterSize;
    else this.#stored += this.#clusterSize;
    const last = this.runs.at(-1);
    if (last !== undefined && last.offset + last.length === position) last.length += this.#clusterSize;
    else this.runs.push({ offset: position, length: this.#clusterSize });
  }

  get #isBounded(): boolean {
    const { realSize } = this.#file;
    const isHeld = this.#stored <= realSize && this.#packed <= unpackedOfAny + mostRatio * realSize;
    return isHeld && this.runs.length <= mostRuns;
  }
}
