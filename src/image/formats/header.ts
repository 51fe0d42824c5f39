import type { FileHandle } from "node:fs/promises";
import { MkimageError } from "../../base/errors.ts";
import type { Bytes } from "../../base/units.ts";

/** Reads `length` bytes of a header. Throws BAD_IMAGE when the file ends before, or `signature` does not stand there. */
export async function readHeader(file: FileHandle, offset: Bytes, length: Bytes, signature = ""): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset);
  if (bytesRead === length && bytes.toString("latin1").startsWith(signature)) return bytes;
  throw new MkimageError(
    "BAD_IMAGE",
    `there is no ${JSON.stringify(signature)} at byte ${offset} of the converted image`,
    {
      hint: "this version of qemu-img writes something that mkimage does not know; qcow2 and raw do not need it",
    },
  );
}
