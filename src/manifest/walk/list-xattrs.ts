import { KiB } from "../../base/units.ts";
import { libc } from "../../runtime/libc.ts";
import { type ByteString, bytesOf } from "../../base/byte-string.ts";

/** Buffers of the kernel's limits for names and for a value. Source: XATTR_LIST_MAX and XATTR_SIZE_MAX in linux/limits.h. */
const list = Buffer.alloc(64 * KiB);
const value = Buffer.alloc(64 * KiB);

/**
 * The extended attributes of a file, of a link itself: capabilities, ACLs, labels, `user.*`. Those of the namespace `trusted`
 * are seen by root only. `undefined` where there are none.
 *
 * @param path with a zero byte behind it.
 * @throws Error when they cannot be read.
 */
export function listXattrs(path: Uint8Array): Map<ByteString, Uint8Array> | undefined {
  // Asked for the length alone, the kernel needs no memory; most files have none.
  if (libc().llistxattr(path, null, 0) === 0) return undefined;
  const length = libc().llistxattr(path, list, list.length);
  if (length >= 0) return new Map(namesIn(length).map((name) => [name, valueOf(path, name)]));
  const [name, meaning] = libc().lastError();
  if (name === "ENOTSUP") return undefined;
  throw new Error(`${name}: ${meaning}, of its extended attributes`);
}

function namesIn(length: number): ByteString[] {
  return list.toString("latin1", 0, length).split("\0").slice(0, -1);
}

function valueOf(path: Uint8Array, name: ByteString): Uint8Array {
  const length = libc().lgetxattr(path, bytesOf(`${name}\0`), value, value.length);
  if (length >= 0) return Uint8Array.from(value.subarray(0, length));
  const [error, meaning] = libc().lastError();
  throw new Error(`${error}: ${meaning}, of its extended attribute ${name}`);
}
