/**
 * Whether the code of an MBR only starts the active partition's boot block: it complains when there is none, and GRUB and
 * limine have no such words.
 */
export function isChainLoader(mbr: Uint8Array): boolean {
  return /missing (?:operating system|os)\b|operating system (?:load error|not found)/i.test(
    Buffer.from(mbr.buffer, mbr.byteOffset, mbr.byteLength).toString("latin1"),
  );
}
