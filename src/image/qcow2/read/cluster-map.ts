import { Recent } from "../../../base/recent.ts";
import { type Bytes, MiB } from "../../../base/units.ts";
import type { Run } from "../../extent.ts";
import { addRun, type MappedRun, mostRuns } from "../../runs.ts";
import { type ClusterPlace, offsetIn, placeIn } from "../../../structures/qcow2/places.ts";
import type { Turns } from "../../turns.ts";
import type { Qcow2Header } from "./header.ts";
import { type TableSurvey, type SurveyedFile, surveyTables } from "./survey-tables.ts";

/** The longest first-level table that QEMU reads. */
const longestL1: Bytes = 32 * MiB;
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
  readonly #read: SurveyedFile["read"];
  readonly #kept: Recent<Bytes, Buffer>;

  /**
   * Looks through all tables; `undefined` where QEMU would not read them, or they stand for more than the file can hold.
   *
   * @throws MkimageError INTERRUPTED.
   */
  static async of(header: Qcow2Header, file: SurveyedFile, turns: Turns): Promise<ClusterMap | undefined> {
    const { clusterBits, l1Offset, l1Entries, size } = header;
    const perTable = 2 ** (2 * clusterBits - 3);
    const length = 8 * l1Entries;
    const isThere = length <= longestL1 && l1Offset + length <= file.size && l1Entries >= Math.ceil(size / perTable);
    if (!isThere) return undefined;
    const l1 = file.read(l1Offset, length);
    const survey = await surveyTables(header, l1, file, turns);
    return survey === undefined ? undefined : new ClusterMap(header, l1, survey, file.read);
  }

  private constructor(header: Qcow2Header, l1: Buffer, { runs, dataBytes }: TableSurvey, read: SurveyedFile["read"]) {
    this.header = header;
    this.clusterSize = 2 ** header.clusterBits;
    this.runs = runs;
    this.dataBytes = dataBytes;
    this.#l1 = l1;
    this.#read = read;
    this.#kept = new Recent(keptTables / this.clusterSize);
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

  /**
   * The data as parts of the file; `undefined` where some of it is compressed, or it is in more parts than are kept: clusters
   * beside each other on the disk can be anywhere in the file.
   *
   * @throws MkimageError INTERRUPTED.
   */
  async plainRuns(turns: Turns): Promise<MappedRun[] | undefined> {
    const plain: MappedRun[] = [];
    for (const { offset, length } of this.runs) {
      for (let at = offset; at < offset + length; at += this.clusterSize) {
        if (turns.isOver) await turns.next();
        const place = this.place(at / this.clusterSize);
        if (place === undefined || place.packedLength !== undefined) return undefined;
        addRun(plain, { offset: at, length: this.clusterSize, position: place.offset });
        if (plain.length > mostRuns) return undefined;
      }
    }
    return plain;
  }

  #table(offset: Bytes): Buffer {
    return this.#kept.get(offset) ?? this.#kept.keep(offset, this.#read(offset, this.clusterSize));
  }
}
