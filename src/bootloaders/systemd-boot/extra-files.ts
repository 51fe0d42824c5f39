import { basename } from "node:path";
import { Obstacle } from "./obstacle.ts";
import { shellWords } from "../shell-words.ts";

/** A file that the builder's script copies to the boot partition; `source` is missing for an empty file. */
export interface ExtraFile {
  readonly source?: string;
  /** An absolute path below a boot mount point. */
  readonly target: string;
}

/**
 * The files that a builder's copy-extra-files script copies: lines of `install -Dp SOURCE TARGET`, and of
 * `install -D /dev/null TARGET` for the marks by which the next run knows them.
 *
 * @throws Obstacle at the first line that does anything else.
 */
export function extraFilesOf(script: string): ExtraFile[] {
  return script.split("\n").flatMap((line) => (isTemporaryFile(line) ? [] : extraFilesOfLine(line)));
}

/** Older scripts make an empty file to copy, where newer ones copy /dev/null. */
const emptyFile = "/dev/null";

function isTemporaryFile(line: string): boolean {
  return /^\s*empty_file=\$\([\w/.+-]*mktemp\)\s*$/.test(line);
}

function extraFilesOfLine(line: string): ExtraFile[] {
  const words = shellWords(line, { empty_file: emptyFile });
  if (words?.length === 0) return [];
  const [program = "", option, source = "", target = ""] = words ?? [];
  const isInstall = basename(program) === "install" && (option === "-Dp" || option === "-D");
  if (!isInstall || words?.length !== 4 || !target.startsWith("/") || !source.startsWith("/")) {
    throw new Obstacle(`its script for extra files has a line that mkimage does not know: ${line.trim()}`);
  }
  const place = target.replaceAll(/\/+/g, "/");
  if (place.split("/").includes("..")) throw new Obstacle(`its extra files leave their folder: ${target}`);
  return [source === emptyFile ? { target: place } : { source, target: place }];
}
