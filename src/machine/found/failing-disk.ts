import { MkimageError } from "../../base/errors.ts";
import type { Bytes } from "../../base/units.ts";
import { RawDisk } from "../../image/raw-disk.ts";

/** A disk of which parts may not be readable: for who reads structures that is damage as any other. */
export class FailingDisk extends RawDisk {
  /** @throws MkimageError BAD_IMAGE for bytes that the device does not give. */
  override read(position: Bytes, length: Bytes): Buffer {
    try {
      return super.read(position, length);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw new MkimageError("BAD_IMAGE", `${code} at byte ${position}`, { cause: error });
    }
  }
}
