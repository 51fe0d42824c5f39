import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { MkimageError } from "../base/errors.ts";

/**
 * The folder that mkimage is installed in: the one above `src/`, or above the bundled program.
 *
 * @throws MkimageError INTERNAL when it was not installed whole.
 */
export function projectFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) && existsSync(join(folder, "vm"))) return folder;
  }
  throw new MkimageError(
    "INTERNAL",
    `there is no package.json with vm/ above ${import.meta.dirname}: install mkimage whole`,
  );
}

/** The version of mkimage itself. */
export function ownVersion(): string {
  const text = readFileSync(join(projectFolder(), "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
