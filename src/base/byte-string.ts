/**
 * A file name or path as the kernel sees it: one character a byte (latin1), since names need not be UTF-8. Compare with
 * `<`, which is then the bytewise order.
 */
export type ByteString = string;

/** The bytes of a byte string. */
export function bytesOf(name: ByteString): Buffer {
  return Buffer.from(name, "latin1");
}

/** Ordinary text as a byte string (UTF-8). */
export function byteString(text: string): ByteString {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** A byte string as text for people; bytes that are no UTF-8 become U+FFFD. */
export function textOf(name: ByteString): string {
  return isAscii(name) ? name : bytesOf(name).toString("utf8");
}

/** A path in the form that node:fs opens exactly these bytes by. */
export function openable(path: ByteString): string | Buffer {
  return isAscii(path) ? path : bytesOf(path);
}

function isAscii(text: string): boolean {
  return !beyondAscii.test(text);
}

const beyondAscii = /[^\0-\x7f]/;
