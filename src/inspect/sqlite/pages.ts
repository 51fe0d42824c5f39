import { badImage } from "../../base/image-faults.ts";
import type { FileBytes } from "../file-bytes.ts";
import { readLog } from "./log.ts";

/** The pages of a database file, as its write-ahead log leaves them. */
export class Pages {
  readonly pageSize: number;
  /** Bytes of a page without the reserved space at its end. */
  readonly usable: number;
  readonly encoding: "utf8" | "utf16le" | "utf16be";
  readonly #file: FileBytes;
  readonly #log: ReadonlyMap<number, number>;
  readonly #logFile: FileBytes | undefined;
  readonly #seen = new Set<number>();

  /**
   * Source: sqlite.org, "Database File Format", 1.3.
   *
   * @throws MkimageError BAD_IMAGE when it is no database.
   */
  constructor(file: FileBytes, logFile: FileBytes | undefined) {
    this.#file = file;
    const header = file.read(0, Math.min(headerLength, file.size));
    if (header.length < headerLength || header.toString("latin1", 0, 16) !== magic) throw badImage("it is no database");
    const size = header.readUInt16BE(16);
    this.pageSize = size === 1 ? 65_536 : size;
    if (this.pageSize < 512 || (this.pageSize & (this.pageSize - 1)) !== 0) throw badImage(`pages of ${size} bytes`);
    this.usable = this.pageSize - (header[20] ?? 0);
    if (this.usable < 480) throw badImage(`only ${this.usable} bytes of a page are used`);
    this.#logFile = logFile;
    this.#log = logFile === undefined ? new Map() : readLog(logFile, this.pageSize);
    this.encoding = encodings[this.#bytes(1).readUInt32BE(56)] ?? "utf8";
  }

  /** A page that was not asked for yet: none has two uses, and none leads back to itself. */
  take(number: number): Buffer {
    if (this.#seen.has(number)) throw badImage(`page ${number} has two uses`);
    this.#seen.add(number);
    return this.#bytes(number);
  }

  /** Lets pages be taken again, by whoever reads another table. */
  forget(): void {
    this.#seen.clear();
  }

  #bytes(number: number): Buffer {
    const inLog = this.#log.get(number);
    if (inLog !== undefined && this.#logFile !== undefined) return this.#logFile.read(inLog, this.pageSize);
    if (number < 1) throw badImage(`there is no page ${number}`);
    return this.#file.read((number - 1) * this.pageSize, this.pageSize);
  }
}

const headerLength = 100;
const magic = "SQLite format 3\0";
const encodings: Readonly<Record<number, Pages["encoding"]>> = { 1: "utf8", 2: "utf16le", 3: "utf16be" };
