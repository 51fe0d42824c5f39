import { basename, dirname, resolve } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import { type Held, holdName } from "../../runtime/lock-file.ts";

/**
 * Keeps other builds away from an output folder, by whatever path they name it, until this one has ended.
 *
 * @throws MkimageError OUTPUT_EXISTS when another build is about to fill it.
 */
export function holdOutputFolder(folder: string): Promise<Held> {
  const path = resolve(folder);
  return holdName(dirname(path), basename(path), (by) => {
    const who = by === undefined ? "another process" : `process ${by.pid}`;
    return new MkimageError("OUTPUT_EXISTS", `${who} is building into the output folder ${folder} right now`, {
      hint: "wait until it has ended, or choose another folder with --out",
    });
  });
}
