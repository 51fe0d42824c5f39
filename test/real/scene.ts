import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { type Run, runMkimage, type RunOptions, testFolder } from "./mkimage.ts";

/** Where one build happens, so that everything it leaves can be seen. */
export interface Scene {
  /** In the command line of every process that works here. */
  readonly folder: string;
  /** The folder that the output folder is in. */
  readonly work: string;
  /** The folder for temporary files. */
  readonly temporary: string;
  /** The output folder, which is not there yet. */
  readonly out: string;
}

export function makeScene(t: ExecutionContext): Scene {
  const folder = testFolder(t);
  const [work, temporary] = [join(folder, "work"), join(folder, "tmp")];
  for (const path of [work, temporary]) mkdirSync(path);
  return { folder, work, temporary, out: join(work, "out") };
}

/** `mkimage build` in this scene, with emulated guests. */
export function buildIn(scene: Scene, arguments_: readonly string[], options: RunOptions = {}): Promise<Run> {
  const environment = { TMPDIR: scene.temporary, ...options.environment };
  return runMkimage(["build", "--out", scene.out, "--accel", "tcg", ...arguments_], { ...options, environment });
}

/** Looks at what a build has left: no process, no temporary file, and of files beside the output only those named. */
export function assertLeft(t: ExecutionContext, scene: Scene, names: readonly string[] = []): void {
  t.deepEqual(readdirSync(scene.work).sort(), [...names].sort(), "beside the output");
  t.deepEqual(readdirSync(scene.temporary), [], "temporary files");
  t.deepEqual(processesOf(scene), [], "processes");
}

/** The command lines of the processes that work in this scene. */
export function processesOf({ folder }: Pick<Scene, "folder">): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine)
    .filter((line) => line.includes(folder));
}

function commandLine(pid: string): string {
  const path = `/proc/${pid}/cmdline`;
  try {
    return existsSync(path) ? readFileSync(path, "utf8").replaceAll("\0", " ") : "";
  } catch {
    return "";
  }
}
