import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";

/** Runs a program of somebody else's and returns what it prints; a failure fails the test. */
export function judge(program: string, ...arguments_: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, arguments_, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${arguments_.join(" ")}: ${error ?? `${stdout}${stderr}`}`);
  return stdout.trim();
}

/** The exit code of a program, and everything it printed. */
export function ask(program: string, ...arguments_: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(program, arguments_, { encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}

/** A test, or anything else that has an end. */
export type Scope = Pick<ExecutionContext, "teardown">;

/** A folder that is gone when the test is over. */
export function temporaryFolder(t: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-disk-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface LoopOptions {
  readonly size: number;
  readonly sectorSize?: number;
  readonly readOnly?: boolean;
  /** The bytes that the device holds everywhere at first; default: zeros. */
  readonly filled?: number;
}

export interface LoopDevice {
  readonly path: string;
  /** The file behind it. */
  readonly file: string;
}

/** A real block device on a file, detached when the test is over. */
export function loopDevice(t: Scope, options: LoopOptions): LoopDevice {
  const file = join(temporaryFolder(t), "backing");
  makeFile(file, options.size, options.filled);
  return attach(t, file, options);
}

/** A file that exists already, as a block device. */
export function attach(t: Scope, file: string, options: Omit<LoopOptions, "size"> = {}): LoopDevice {
  const flags = [
    ...(options.readOnly === true ? ["--read-only"] : []),
    "--sector-size",
    String(options.sectorSize ?? 512),
  ];
  const path = judge("losetup", "--find", "--show", ...flags, file);
  t.teardown(() => detach(path));
  return { path, file };
}

function makeFile(path: string, size: number, filled: number | undefined): void {
  const file = openSync(path, "w");
  ftruncateSync(file, size);
  if (filled !== undefined) writeSync(file, Buffer.alloc(size, filled));
  closeSync(file);
}

/** Partitions first: those of a detached loop device would stay behind. */
function detach(path: string): void {
  ask("partx", "--delete", "--nr", "1:16", path);
  judge("losetup", "--detach", path);
}
