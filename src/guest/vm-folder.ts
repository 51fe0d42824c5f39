import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { MkimageError } from "../base/errors.ts";

/**
 * The folder with what runs inside the guest: `vm/` beside `src/`, or beside whatever folder a bundled program is in.
 *
 * @throws MkimageError INTERNAL when it was not installed along.
 */
export function vmFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, "vm");
    if (existsSync(join(candidate, "init"))) return candidate;
  }
  throw new MkimageError(
    "INTERNAL",
    `the folder vm/ is not above ${import.meta.dirname}: mkimage is not installed whole`,
  );
}
