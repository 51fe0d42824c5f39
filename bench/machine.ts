import { execFileSync } from "node:child_process";
import { readFileSync, statfsSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import type { Bytes } from "../src/base/units.ts";

/** The circumstances that figures depend on beside the program. */
export interface MachineFacts {
  readonly processor: string;
  /** All of them, and those that this process may use. */
  readonly processors: number;
  readonly usable: number;
  readonly memory: Bytes;
  readonly kernel: string;
  readonly node: string;
  /** Of the folder for the outputs: its filesystem's type, and how much is free. */
  readonly filesystem: string;
  readonly free: Bytes;
  /** Programs that run in more or less the same time by version. */
  readonly versions: Readonly<Record<string, string>>;
  readonly load: readonly number[];
  /** Of waiting for processors, in percent of the last minute; `null` where the kernel does not say. */
  readonly pressure: number | null;
}

/** Facts of this machine as it is now. */
export function machineFacts(folder: string): MachineFacts {
  const { bavail, bsize } = statfsSync(folder);
  return {
    processor: cpus()[0]?.model ?? "unknown",
    processors: cpus().length,
    usable: availableParallelism(),
    memory: totalmem(),
    kernel: release(),
    node: process.version,
    filesystem: execFileSync("stat", ["-f", "-c", "%T", folder], { encoding: "utf8" }).trim(),
    free: bavail * bsize,
    versions: { tar: firstLine("tar", "--version"), "qemu-img": firstLine("qemu-img", "--version") },
    load: loadavg(),
    pressure: processorPressure(),
  };
}

function firstLine(program: string, flag: string): string {
  return execFileSync(program, [flag], { encoding: "utf8" }).split("\n", 1)[0] ?? "";
}

function processorPressure(): number | null {
  try {
    return Number(/^some .*avg60=([\d.]+)/.exec(readFileSync("/proc/pressure/cpu", "utf8"))?.[1] ?? Number.NaN);
  } catch {
    return null;
  }
}
