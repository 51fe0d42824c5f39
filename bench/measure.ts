import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Bytes, KiB, MiB } from "../src/base/units.ts";
import type { Scale } from "./scale.ts";

/** One side of a comparison: a command, and what it makes, which is removed when it has ended. */
export interface Contender {
  readonly name: string;
  readonly argv: readonly string[];
  readonly outputs: readonly string[];
}

/** The outcome of the rounds. Seconds, and the ratio of a round's seconds to those of the round's first contender. */
export interface Measurement {
  readonly name: string;
  readonly seconds: readonly number[];
  readonly median: number;
  readonly medianRatio: number;
  /** Seconds of the processor, user and system, and their ratio as above. */
  readonly processorSeconds: number;
  readonly processorRatio: number;
  /** The largest resident set of any round, in bytes. */
  readonly peakMemory: number;
}

/** How often contenders run, and how much memory each may take for its output. */
export type Rounds = Pick<Scale, "rounds" | "warmUps" | "mostMemory">;

/** Runs all contenders in turn, `rounds` times, after those that only warm the cache. */
export function compare(contenders: readonly Contender[], { rounds, warmUps, mostMemory }: Rounds): Measurement[] {
  const samples = contenders.map((contender) => ({ contender, ...emptySample() }));
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const sample of samples) {
      const { seconds, processor, memory } = timed(sample.contender, mostMemory);
      if (round < 0) continue;
      sample.seconds.push(seconds);
      sample.processor.push(processor);
      sample.memory = Math.max(sample.memory, memory);
    }
  }
  const first = samples[0] ?? emptySample();
  return samples.map(({ contender, seconds, processor, memory }) => ({
    name: contender.name,
    seconds,
    median: median(seconds),
    medianRatio: medianRatio(seconds, first.seconds),
    processorSeconds: median(processor),
    processorRatio: medianRatio(processor, first.processor),
    peakMemory: memory,
  }));
}

function emptySample(): { seconds: number[]; processor: number[]; memory: number } {
  return { seconds: [], processor: [], memory: 0 };
}

/** The median of the ratios of the rounds. */
function medianRatio(values: readonly number[], reference: readonly number[]): number {
  return median(values.map((value, index) => value / (reference[index] ?? Number.NaN)));
}

/** The middle value, or the mean of the two middle values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  const middle = sorted.length % 2 === 1 ? [sorted[upper]] : [sorted[upper - 1], sorted[upper]];
  return middle.reduce<number>((sum, value) => sum + (value ?? Number.NaN) / middle.length, 0);
}

function timed(contender: Contender, mostMemory: Bytes): { seconds: number; processor: number; memory: number } {
  const folder = dirname(contender.outputs[0] ?? ".");
  takeMemory(folder, mostMemory);
  const start = performance.now();
  const result = spawnSync("/usr/bin/env", ["time", "-f", "%M %U %S", ...contender.argv], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const seconds = (performance.now() - start) / 1000;
  // Nobody waits while another's output is written to the disk.
  removeOutputs(contender);
  rmSync(join(folder, keptFile));
  if (result.status !== 0) throw new Error(`${contender.name} failed: ${contender.argv.join(" ")}\n${result.stderr}`);
  const [memory = 0, user = 0, system = 0] = result.stderr.trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  return { seconds, processor: user + system, memory: memory * 1024 };
}

const zeros = new Uint8Array(64 * KiB);
const keptFile = "kept-memory";

/**
 * Lets the kernel have all the memory that a contender may take for its output. A virtual machine's host takes back what is
 * free, in pieces of 2 MiB, so whoever came behind a contender that had freed much would pay for getting it again, or for
 * the taking back while it runs. So that there are no such pieces, a part of every MiB stays in use until the contender has
 * ended.
 */
function takeMemory(folder: string, mostMemory: Bytes): void {
  const freed = openSync(join(folder, "memory"), "w");
  const kept = openSync(join(folder, keptFile), "w");
  for (let done = 0; done < mostMemory; done += zeros.length) {
    writeSync(freed, zeros);
    if (done % MiB === 0) writeSync(kept, zeros);
  }
  closeSync(freed);
  closeSync(kept);
  rmSync(join(folder, "memory"));
}

function removeOutputs({ outputs }: Contender): void {
  for (const path of outputs) rmSync(path, { recursive: true, force: true });
}
