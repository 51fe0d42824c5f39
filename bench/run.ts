import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compressedContenders, rawContenders, readingContenders, systemContenders } from "./contenders.ts";
import { fleetContenders, makeFleet } from "./fleet.ts";
import { type Growth, measureGrowth } from "./growth.ts";
import { machineFacts } from "./machine.ts";
import { compare, type Contender, type Measurement } from "./measure.ts";
import { fullScale, quickScale } from "./scale.ts";
import { measureSharing } from "./sharing.ts";
import { makeTree, type TreeShape } from "./tree.ts";

// `make bench [TREE=DIR] [ROUNDS=5] [GROWTH=1] [SYSTEM=STOREPATH] [BENCH_FOLDER=DIR]`: every way to fill a filesystem, in
// turn, on this machine. `make bench-quick`: some of them, at a tenth of the size. Reports, and asserts nothing.

const { TREE, SYSTEM, GROWTH, BENCH_FOLDER, ROUNDS, QUICK } = process.env;
const isQuick = QUICK === "1";
const scale = isQuick ? quickScale : fullScale;
const rounds = Number(ROUNDS ?? scale.rounds);
const work = mkdtempSync(join(BENCH_FOLDER ?? tmpdir(), "mkimage-bench-"));
// Nothing of an earlier run, nor for the user's own builds.
process.env["XDG_CACHE_HOME"] = join(work, "cache-of-bench");

try {
  const tree = TREE ?? make("closure", scale.closure);
  const flat = make("flat", scale.flat);
  const results = {
    machine: machineFacts(work),
    scale: isQuick ? "quick" : "full",
    rounds,
    closure: measure("a closure to a raw image", rawContenders(tree, work)),
    flat: measure("a flat folder to a raw image", rawContenders(flat, work)),
    zlib: measure("a closure to a zlib qcow2", compressedContenders(tree, "zlib", work)),
    zstd: measure("a closure to a zstd qcow2", compressedContenders(tree, "zstd", work)),
    reading: measure("what is in a compressed qcow2 of 20 GB", readingContenders(tree, work)),
    fleet: process.getuid?.() === 0 ? measureFleet() : null,
    ...(isQuick ? {} : measureRest()),
    machineAfter: machineFacts(work),
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
  const fleet = makeFleet(work, scale);
  return (isQuick ? (["zstd"] as const) : (["zlib", "zstd"] as const)).map((compression) =>
    measure(`hosts of a fleet to ${compression} qcow2`, fleetContenders(fleet, compression, work)),
  );
}

function measureRest() {
  return {
    system: measure("the demo system, its store paths to an efi image", systemContenders(SYSTEM, work)),
    sharing: measureSharing(work, scale.closure, measure),
    growth: GROWTH === "1" ? showGrowth(measureGrowth(work)) : null,
  };
}

/** The first contender is what the ratios are taken of. */
function measure(title: string, contenders: readonly Contender[]): readonly Measurement[] {
  const measurements = compare(contenders, { ...scale, rounds });
  console.log(`\n${title} (median of ${rounds})`);
  for (const { name, median, medianRatio, processorSeconds, processorRatio, peakMemory } of measurements) {
    const clock = `${median.toFixed(2).padStart(7)} s  × ${medianRatio.toFixed(3)}`;
    const processor = `processor ${processorSeconds.toFixed(2).padStart(7)} s  × ${processorRatio.toFixed(3)}`;
    console.log(`  ${name.padEnd(32)} ${clock}  ${processor}  ${Math.round(peakMemory / 1024 ** 2)} MiB`);
  }
  return measurements;
}

function showGrowth(growth: Growth): Growth {
  console.log("\nsmall files to a raw image");
  for (const { files, seconds, processorSeconds, peakMemory } of growth.points) {
    const times = `${seconds.toFixed(2).padStart(7)} s  processor ${processorSeconds.toFixed(2)} s`;
    console.log(`  ${String(files).padStart(7)} files ${times}  ${Math.round(peakMemory / 1024 ** 2)} MiB`);
  }
  console.log(`  time grows with the ${growth.exponent.toFixed(2)}th power; ${growth.bytesPerFile} bytes a file more`);
  const { seconds, processorSeconds } = growth.sparse;
  console.log(`  a sparse file of 100 GiB: ${seconds.toFixed(2)} s, processor ${processorSeconds.toFixed(2)} s`);
  return growth;
}
