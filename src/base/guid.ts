/** A UUID's bytes in the order in which they are read. */
export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

/** A UUID's bytes as Microsoft stores a GUID: the first three fields with the lowest byte first. */
export function guidBytes(uuid: string): Buffer {
  return reorder(uuidBytes(uuid));
}

/** The GUID that stands in 16 bytes, in capitals. */
export function guidText(bytes: Uint8Array): string {
  const hex = reorder(Buffer.from(bytes)).toString("hex").toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function reorder(bytes: Buffer): Buffer {
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
