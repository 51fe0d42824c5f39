import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { compressedContenders, rawContenders, readingContenders, systemContenders } from "./contenders.ts";
import { fleetContenders, makeFleet } from "./fleet.ts";
import { measureGrowth } from "./growth.ts";
import { compare, type Contender, type Measurement } from "./measure.ts";
import { measureSharing } from "./sharing.ts";
import { closureShape, flatShape, makeTree, type TreeShape } from "./tree.ts";

// `make bench [TREE=DIR] [ROUNDS=5] [GROWTH=1] [SYSTEM=STOREPATH] [BENCH_FOLDER=DIR]`: every way to fill a filesystem, in
// turn, on this machine. Reports, and asserts nothing.

const { TREE, SYSTEM, GROWTH, BENCH_FOLDER, ROUNDS = "5" } = process.env;
const rounds = Number(ROUNDS);
const work = mkdtempSync(join(BENCH_FOLDER ?? tmpdir(), "mkimage-bench-"));

try {
  const tree = TREE ?? make("closure", closureShape);
  const flat = make("flat", flatShape);
  const results = {
    processors: cpus().length,
    loadBefore: loadavg(),
    rounds,
    closure: measure("a closure to a raw image", rawContenders(tree, work)),
    flat: measure("a flat folder to a raw image", rawContenders(flat, work)),
    zlib: measure("a closure to a zlib qcow2", compressedContenders(tree, "zlib", work)),
    zstd: measure("a closure to a zstd qcow2", compressedContenders(tree, "zstd", work)),
    system: measure("the demo system, its store paths to an efi image", systemContenders(SYSTEM, work)),
    reading: measure("what is in a compressed qcow2 of 20 GB", readingContenders(tree, work)),
    fleet: process.getuid?.() === 0 ? measureFleet() : null,
    sharing: measureSharing(work, measure),
    growth: GROWTH === "1" ? showGrowth(measureGrowth(work)) : null,
    loadAfter: loadavg(),
  };
  writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function make(name: string, shape: TreeShape): string {
  const folder = join(work, name);
  mkdirSync(folder);
  makeTree(folder, shape);
  return folder;
}

/** Needs a mount of its own for /nix/store. */
function measureFleet() {
  const fleet = makeFleet(work);
  return (["zlib", "zstd"] as const).map((compression) =>
    measure(`hosts of a fleet to ${compression} qcow2`, fleetContenders(fleet, compression, work)),
  );
}

/** The first contender is what the ratios are taken of. */
function measure(title: string, contenders: readonly Contender[]): readonly Measurement[] {
  const measurements = compare(contenders, rounds);
  console.log(`\n${title} (median of ${rounds})`);
  for (const { name, median, medianRatio, processorSeconds, processorRatio, peakMemory } of measurements) {
    const clock = `${median.toFixed(2).padStart(7)} s  × ${medianRatio.toFixed(3)}`;
    const processor = `processor ${processorSeconds.toFixed(2).padStart(7)} s  × ${processorRatio.toFixed(3)}`;
    console.log(`  ${name.padEnd(32)} ${clock}  ${processor}  ${Math.round(peakMemory / 1024 ** 2)} MiB`);
  }
  return measurements;
}

function showGrowth(growth: ReturnType<typeof measureGrowth>): ReturnType<typeof measureGrowth> {
  console.log("\nsmall files to a raw image");
  for (const { files, seconds, peakMemory } of growth.points) {
    console.log(`  ${String(files).padStart(7)} files ${seconds.toFixed(2).padStart(7)} s  ${peakMemory} bytes`);
  }
  console.log(`  time grows with the ${growth.exponent.toFixed(2)}th power; ${growth.bytesPerFile} bytes a file more`);
  return growth;
}
