import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";

const project = join(import.meta.dirname, "../..");
const program = join(project, "bin/mkimage");

/** How a run of the program ended. */
export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunOptions {
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with the process as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Put before the program, such as `setpriv --reuid=65534`. */
  readonly through?: readonly string[];
}

/** Runs the built program, and gives whatever it said and how it ended. */
export function runMkimage(arguments_: readonly string[], options: RunOptions = {}): Promise<Run> {
  const [file = program, ...rest] = [...(options.through ?? []), program, ...arguments_];
  const environment = { ...process.env, ...offlineNix, ...options.environment };
  const child = spawn(file, rest, {
    cwd: options.folder ?? project,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  options.onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (exitCode, signal) => resolve({ stdout, stderr, exitCode, signal }));
  });
}

/** Runs the program where it has to succeed. */
export async function mkimage(
  t: ExecutionContext,
  arguments_: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  const run = await runMkimage(arguments_, options);
  if (run.exitCode !== 0)
    t.fail(`mkimage ${arguments_.join(" ")}\nended with ${run.exitCode ?? run.signal}\n${run.stderr}`);
  return run;
}

/** Nix without network, build users and sandbox, as the demo system is built. */
export const offlineNix = {
  NIX_CONFIG:
    "build-users-group =\nsandbox = false\nsubstitute = false\nexperimental-features = nix-command flakes\nwarn-dirty = false",
};

/** The store path of a variant of the demo system, built where it is not there yet. */
export function demoSystem(variant: string): string {
  return execFileSync(join(project, "fixtures/build"), [variant], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
}

/** A folder that goes when the test has ended. */
export function testFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** `image.json` of an output folder. */
export function reportOf(folder: string): Report {
  return JSON.parse(readFileSync(join(folder, "image.json"), "utf8")) as Report;
}

export interface Report {
  readonly bootloader: { readonly engine: string; readonly reason: string };
  readonly reproducible: boolean;
  readonly disks: readonly {
    readonly size: number;
    readonly table: { readonly partitions: readonly Partition[] } | null;
  }[];
  readonly filesystems: readonly {
    readonly mountpoint: string;
    readonly size: number;
    readonly freeBytes: number;
    readonly kind: string;
    readonly uuid: string;
  }[];
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256?: string }[];
  readonly tools: Readonly<Record<string, string>>;
}

interface Partition {
  readonly number: number;
  readonly first: number;
  readonly last: number;
  readonly guid?: string;
  readonly type: string | number;
  readonly name?: string;
}

/** Runs another program that judges, and gives its output; a failure fails the test with all that it said. */
export function judge(file: string, ...arguments_: readonly string[]): string {
  return execFileSync(file, arguments_, {
    encoding: "utf8",
    env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, LC_ALL: "C" },
  });
}
