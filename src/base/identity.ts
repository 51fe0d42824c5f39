import { createHash } from "node:crypto";

/** Identifiers that follow from a seed: the same purpose has the same identifier, another purpose another one. */
export interface Identity {
  /** A UUID of version 8 (RFC 9562), in lower case. */
  uuid(purpose: string): string;
  /** 32 bits, never zero. */
  number32(purpose: string): number;
}

/** The identifiers that follow from `seed`. Nothing but the seed and the purpose goes into them. */
export function identityFrom(seed: string): Identity {
  return {
    uuid: (purpose) => uuidOf(digest(seed, "uuid", purpose)),
    number32: (purpose) => digest(seed, "number32", purpose).readUInt32BE(0) || 1,
  };
}

function digest(seed: string, kind: string, purpose: string): Buffer {
  // JSON keeps the three apart, whatever is in them.
  return createHash("sha256")
    .update(JSON.stringify([seed, kind, purpose]))
    .digest();
}

function uuidOf(bytes: Buffer): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
