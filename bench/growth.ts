import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildCommand } from "./contenders.ts";
import { compare, median } from "./measure.ts";
import { makeTree } from "./tree.ts";

/** How time and memory grow with the number of small files. */
export interface Growth {
  readonly points: readonly { readonly files: number; readonly seconds: number; readonly peakMemory: number }[];
  /** The power of the number of files that the time grows with: 1 is linear. */
  readonly exponent: number;
  readonly bytesPerFile: number;
}

/** Builds raw images of 50,000 and of 500,000 small files in store paths. */
export function measureGrowth(work: string): Growth {
  const points = [50_000, 500_000].map((files) => measurePoint(files, work));
  const [few, many] = points as [Growth["points"][number], Growth["points"][number]];
  const more = many.files - few.files;
  return {
    points,
    exponent: Math.log(many.seconds / few.seconds) / Math.log(many.files / few.files),
    bytesPerFile: Math.round((many.peakMemory - few.peakMemory) / more),
  };
}

function measurePoint(files: number, work: string): Growth["points"][number] {
  const tree = join(work, `growth-${files}`);
  mkdirSync(tree);
  makeTree(tree, { seed: 3, files, bytes: files * 2000, storePaths: files / 100, flatFiles: 0 });
  const { argv, out } = buildCommand(tree, "raw", work);
  const [measured] = compare([{ name: "mkimage", argv, outputs: [out] }], 3);
  rmSync(tree, { recursive: true });
  return { files, seconds: median(measured?.seconds ?? []), peakMemory: measured?.peakMemory ?? Number.NaN };
}
