import { type Bytes, KiB, MiB } from "../base/units.ts";
import { badImage } from "../base/image-faults.ts";

/** So much of something, and no more. */
export class Allowance {
  readonly #what: string;
  readonly #most: number;
  #used = 0;

  /** @param what for people: `blocks of folders`. */
  constructor(what: string, most: number) {
    this.#what = what;
    this.#most = most;
  }

  /** @throws MkimageError BAD_IMAGE when there is not so much left. */
  take(count: number): void {
    this.#used += count;
    if (this.#used > this.#most) throw badImage(`it has more than ${this.#most} ${this.#what}, as no sound one has`);
  }
}

/** As many as a path of 4095 bytes (PATH_MAX) can name. */
const deepestFolder = 2048;

/** @throws MkimageError BAD_IMAGE for a folder so far below the root that nobody can name it by one path. */
export function requireReach(depth: number): void {
  if (depth > deepestFolder) throw badImage(`it is more than ${deepestFolder} folders deep`);
}

/**
 * Limits on the cost of reading a filesystem. Everything that a few bytes can name repeatedly (blocks, extents, names, the
 * text of paths) is counted, and bounded by the image's real size.
 */
export class TreeBudget {
  readonly #names: Allowance;
  readonly extents: Allowance;
  readonly #paths: Allowance;

  /** @param mostNames more than a sound filesystem of this shape has. */
  constructor(realSize: Bytes, mostNames: number) {
    this.#names = new Allowance("names", mostNames);
    this.extents = new Allowance("pieces of files", 64 * 1024 + Math.floor(realSize / KiB));
    this.#paths = new Allowance("bytes of paths", 64 * MiB + Math.floor(realSize / 4));
  }

  /** Counts a name whose path is so long. */
  takeName(pathLength: number): void {
    this.#names.take(1);
    this.#paths.take(pathLength);
  }

  /** Counts text besides the paths: where a link leads. */
  takeText(length: number): void {
    this.#paths.take(length);
  }
}
