import { native } from "./native.ts";

/** C library functions that Node does not offer. Paths and names end with a zero byte; -1 is a failure, see `lastError`. */
interface Libc {
  /** `result` takes a `struct statx`, 64 words. */
  statx(folder: number, path: Uint8Array, flags: number, mask: number, result: Uint32Array): number;
  /** The length of a list of names, each with a zero byte behind it, which `list` takes. */
  llistxattr(path: Uint8Array, list: Uint8Array | null, size: number): number;
  /** The length of a value, which `value` takes. */
  lgetxattr(path: Uint8Array, name: Uint8Array, value: Uint8Array, size: number): number;
  /** Where data or a hole (`whence` 3 or 4) next begins in an open file, from `offset` on. */
  lseek(descriptor: number, offset: number, whence: number): number;
  /** Finds room for a part of an open file; `mode` as in fallocate(2). */
  fallocate(descriptor: number, mode: number, offset: number, length: number): number;
  /** Locks an open file as flock(2) says, for as long as it is open. */
  flock(descriptor: number, operation: number): number;
  /** Asks the driver or filesystem of an open file for something of its own; `argument` is a structure of the request's. */
  ioctl(descriptor: number, request: number, argument: BigInt64Array): number;
  /** `limit` takes a `struct rlimit`: two words of 64 bits. */
  getrlimit(resource: number, limit: BigUint64Array): number;
  setrlimit(resource: number, limit: BigUint64Array): number;
  /** A call that the C library may be too old to know, by its number; of such a one that takes a text and a word. */
  syscall(number: number, text: Uint8Array, word: number): number;
  /** Why the last call of this thread failed: a name (`ENOENT`) and what it means. */
  lastError(): readonly [name: string, meaning: string];
}

let loaded: Libc | undefined;

/** The C library that Node itself runs with. */
export function libc(): Libc {
  return (loaded ??= load());
}

function load(): Libc {
  const { func, lastError } = native();
  return {
    statx: func("int statx(int, void *, int, unsigned int, void *)"),
    llistxattr: func("long llistxattr(void *, void *, size_t)"),
    lgetxattr: func("long lgetxattr(void *, void *, void *, size_t)"),
    lseek: func("int64_t lseek(int, int64_t, int)"),
    fallocate: func("int fallocate(int, int, int64_t, int64_t)"),
    flock: func("int flock(int, int)"),
    ioctl: func("int ioctl(int, unsigned long, void *)"),
    getrlimit: func("int getrlimit(int, void *)"),
    setrlimit: func("int setrlimit(int, void *)"),
    syscall: func("long syscall(long, void *, unsigned int)"),
    lastError,
  };
}
