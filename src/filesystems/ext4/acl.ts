import { MkimageError } from "../../base/errors.ts";

/** The version that getxattr's form of an ACL begins with, and the one on disk. */
const kernelVersion = 2;
const diskVersion = 1;
const kernelEntrySize = 8;
/** Tags of the entries that name a user or a group; only those carry an id on disk. */
const namedTags = new Set([0x02, 0x08]);
/** The owner, a user, the owning group, a group, the mask, others. */
const knownTags = new Set([0x01, 0x02, 0x04, 0x08, 0x10, 0x20]);

/**
 * The form of a POSIX ACL that ext4 keeps, made from the one that getxattr gives.
 *
 * @throws MkimageError BAD_REQUEST when the value is no ACL.
 *
 * Source: kernel.org, filesystems/ext4, "POSIX ACLs"; linux/posix_acl_xattr.h.
 */
export function diskAcl(value: Uint8Array): Uint8Array {
  const source = Buffer.from(value.buffer, value.byteOffset, value.length);
  const isAcl = source.length % kernelEntrySize === 4 && source.readUInt32LE(0) === kernelVersion;
  if (!isAcl) throw new MkimageError("BAD_REQUEST", `an ACL of ${value.length} bytes is not in the form of the kernel`);
  const target = Buffer.alloc(source.length);
  target.writeUInt32LE(diskVersion, 0);
  let end = 4;
  for (let at = 4; at < source.length; at += kernelEntrySize) {
    const tag = source.readUInt16LE(at);
    if (!knownTags.has(tag)) throw new MkimageError("BAD_REQUEST", `an ACL has an entry of the unknown kind ${tag}`);
    const length = namedTags.has(tag) ? 8 : 4;
    source.copy(target, end, at, at + length);
    end += length;
  }
  return target.subarray(0, end);
}
