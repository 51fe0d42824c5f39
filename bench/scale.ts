import { type Bytes, GiB } from "../src/base/units.ts";
import { closureShape, flatShape, type TreeShape } from "./tree.ts";

/** How much is measured, and how often. */
export interface Scale {
  readonly rounds: number;
  /** Rounds before those, which only warm the cache. */
  readonly warmUps: number;
  readonly closure: TreeShape;
  readonly flat: TreeShape;
  /** Hosts of the fleet. */
  readonly hosts: number;
  /** More than any contender writes, or 0: then others' memory may decide about a time. */
  readonly mostMemory: Bytes;
}

export const fullScale: Scale = {
  rounds: 5,
  warmUps: 1,
  closure: closureShape,
  flat: flatShape,
  hosts: 10,
  mostMemory: 2.5 * GiB,
};

/** A tenth of it, in less than two minutes: whether something has become much slower, and no figures to cite. */
export const quickScale: Scale = {
  rounds: 1,
  warmUps: 0,
  closure: { ...closureShape, files: 3300, bytes: 1.4e8, storePaths: 60, flatFiles: 2000 },
  flat: { ...flatShape, bytes: 2e6, flatFiles: 2000 },
  hosts: 3,
  mostMemory: 0,
};
