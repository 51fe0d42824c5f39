import { readSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import { naming } from "../runtime/naming.ts";

/** An open file, and its path for errors. */
export interface OpenedFile {
  readonly descriptor: number;
  readonly path: string;
}

/**
 * Fills `target` with the bytes of a file.
 *
 * @throws MkimageError BAD_IMAGE where it has ended, as it had not before.
 */
export function readExactly({ descriptor, path }: OpenedFile, position: Bytes, target: Buffer): Buffer {
  for (let done = 0; done < target.length;) {
    const count = naming(path, () => readSync(descriptor, target, done, target.length - done, position + done));
    if (count === 0) throw new MkimageError("BAD_IMAGE", `${path} was cut off while it was read`);
    done += count;
  }
  return target;
}
