import { closeSync, mkdirSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Bytes, GiB, KiB } from "../src/base/units.ts";
import { buildCommand } from "./contenders.ts";
import { compare, type Measurement } from "./measure.ts";
import { makeTree } from "./tree.ts";

/** A build, and how much it was made of. */
interface GrowthPoint {
  readonly files: number;
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly peakMemory: Bytes;
}

/** How time and memory grow with the number of small files, and what a large sparse file takes. */
export interface Growth {
  readonly points: readonly GrowthPoint[];
  /** The power of the number of files that the processor's time grows with: 1 is linear. */
  readonly exponent: number;
  readonly bytesPerFile: number;
  readonly sparse: GrowthPoint;
}

/** How many files, and how often they are built of. */
const steps = [
  [50_000, 3],
  [500_000, 3],
  [2_000_000, 1],
] as const;

/** Builds raw images of up to 2 million small files in store paths, and of one sparse file of 100 GB. */
export function measureGrowth(work: string): Growth {
  const points = steps.map(([files, rounds]) => measureFiles(files, rounds, work));
  const [few, many] = [points[0], points.at(-1)] as [GrowthPoint, GrowthPoint];
  const more = many.files - few.files;
  return {
    points,
    exponent: Math.log(many.processorSeconds / few.processorSeconds) / Math.log(many.files / few.files),
    bytesPerFile: Math.round((many.peakMemory - few.peakMemory) / more),
    sparse: measureSparse(work),
  };
}

function measureFiles(files: number, rounds: number, work: string): GrowthPoint {
  const tree = join(work, `growth-${files}`);
  mkdirSync(tree);
  makeTree(tree, { seed: 3, files, bytes: files * 2000, storePaths: files / 100, flatFiles: 0 });
  return { files, ...buildOnce(tree, rounds, work) };
}

const sparseSize = 100 * GiB;
const pieces = 10_000;

/** 10,000 pieces of 4 KiB, each with a hole of 10 MiB behind it. */
function measureSparse(work: string): GrowthPoint {
  const tree = join(work, "sparse");
  mkdirSync(tree);
  const path = join(tree, "disk");
  writeFileSync(path, "");
  truncateSync(path, sparseSize);
  const file = openSync(path, "r+");
  const piece = Buffer.alloc(4 * KiB, "data ");
  for (let index = 0; index < pieces; index += 1) {
    writeSync(file, piece, 0, piece.length, index * Math.floor(sparseSize / pieces / piece.length) * piece.length);
  }
  closeSync(file);
  return { files: 1, ...buildOnce(tree, 1, work) };
}

function buildOnce(tree: string, rounds: number, work: string): Omit<GrowthPoint, "files"> {
  const { argv, out } = buildCommand(tree, "raw", work);
  const [measured] = compare([{ name: "mkimage", argv, outputs: [out] }], {
    rounds,
    warmUps: 1,
    mostMemory: 2.5 * GiB,
  });
  rmSync(tree, { recursive: true });
  const { median: seconds, processorSeconds, peakMemory } = measured as Measurement;
  return { seconds, processorSeconds, peakMemory };
}
