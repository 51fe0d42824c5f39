import { MkimageError } from "../../base/errors.ts";
import { uuidBytes as bytesOfUuid } from "../../base/guid.ts";
import { extSuperblock } from "../../structures/ext4/superblock.ts";

const longestLabel = extSuperblock.label.length;

/** The 16 bytes of a UUID in its usual form. Throws MkimageError BAD_REQUEST for anything else. */
export function uuidBytes(uuid: string): Buffer {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)) return bytesOfUuid(uuid);
  throw new MkimageError("BAD_REQUEST", `${JSON.stringify(uuid)} is not a UUID`, {
    hint: "write 32 hexadecimal digits as 8-4-4-4-12",
  });
}

/** A label's bytes. Throws MkimageError BAD_REQUEST when there are more than ext4 has room for. */
export function labelBytes(label: string): Buffer {
  const bytes = Buffer.from(label, "utf8");
  if (bytes.length <= longestLabel && !bytes.includes(0)) return bytes;
  throw new MkimageError("BAD_REQUEST", `the label ${JSON.stringify(label)} has ${bytes.length} bytes`, {
    hint: `ext4 has room for ${longestLabel}`,
  });
}
