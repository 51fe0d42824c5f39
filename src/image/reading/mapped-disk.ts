import { openSync } from "node:fs";
import type { Bytes } from "../../base/units.ts";
import { lengthOf } from "../extent.ts";
import { FileDisk } from "../file-disk.ts";
import { readExactly } from "../read-exactly.ts";
import { type MappedRun, runBehind } from "../runs.ts";

/** A disk whose data stand in its image file as they are, by a map of their places. */
export class MappedDisk extends FileDisk {
  readonly #runs: readonly MappedRun[];

  /** @param runs in order, none of them outside of the file. */
  constructor(path: string, size: Bytes, runs: readonly MappedRun[]) {
    super({ path, descriptor: openSync(path, "r") }, { size, storedBytes: lengthOf(runs), runs });
    this.#runs = runs;
  }

  protected override async places(): Promise<readonly MappedRun[]> {
    return this.#runs;
  }

  protected override fill(position: Bytes, target: Buffer): void {
    const end = position + target.length;
    for (let at = position; at < end;) {
      const run = runBehind(this.#runs, at);
      if (run === undefined || run.offset >= end) return;
      const from = Math.max(at, run.offset);
      const to = Math.min(end, run.offset + run.length);
      readExactly(this.file, run.position + from - run.offset, target.subarray(from - position, to - position));
      at = to;
    }
  }
}
