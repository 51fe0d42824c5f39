/** The fields of a header that a test sets, as they stand there. */
export interface HeaderFields {
  readonly type?: string;
  readonly size?: Buffer | string;
  readonly mode?: string;
  readonly uid?: Buffer | string;
  readonly mtime?: Buffer | string;
  readonly linkName?: string;
  readonly major?: string;
  readonly minor?: string;
}

const block = 512;

/** Where a header's fields stand. */
export const fieldPlaces = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  type: [156, 1],
  linkName: [157, 100],
  magic: [257, 8],
  major: [329, 8],
  minor: [337, 8],
} as const satisfies Record<string, readonly [offset: number, length: number]>;

/** Two blocks of zeros. */
export const endOfArchive = Buffer.alloc(2 * block);

/** An archive of these entries. */
export function archive(...entries: readonly Buffer[]): Buffer {
  return Buffer.concat([...entries, endOfArchive]);
}

/** A header with its data. */
export function entry(name: string, data: Buffer | string = "", fields: HeaderFields = {}): Buffer {
  const bytes = Buffer.from(data);
  return Buffer.concat([header(name, { size: octal(bytes.length, 12), ...fields }), padded(bytes)]);
}

export function header(name: string, fields: HeaderFields): Buffer {
  const bytes = Buffer.alloc(block);
  const ordinary = { name, mode: "0000644", uid: "0000000", gid: "0000000", mtime: "00000000001", type: "0" };
  const all = { ...ordinary, magic: "ustar\x0000", major: "0000000", minor: "0000000", ...fields };
  for (const [field, value] of Object.entries(all)) {
    const [offset, length] = fieldPlaces[field as keyof typeof fieldPlaces];
    bytes.set(Buffer.from(value as string, "latin1").subarray(0, length), offset);
  }
  return sealed(bytes);
}

/** A header with the checksum that its fields have. */
export function sealed(bytes: Buffer): Buffer {
  bytes.fill(0x20, 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return bytes;
}

/** An extended header (pax) with these records. */
export function pax(
  records: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  type = "x",
): Buffer {
  const pairs = Array.isArray(records) ? (records as [string, string][]) : Object.entries(records);
  return paxOf(Buffer.concat(pairs.map(([keyword, value]) => record(keyword, value))), type);
}

/** An extended header with whatever bytes. */
export function paxOf(body: Buffer, type = "x"): Buffer {
  return entry("pax", body, { type });
}

function record(keyword: string, value: string): Buffer {
  const text = Buffer.from(` ${keyword}=${value}\n`, "latin1");
  let length = text.length + 1;
  while (String(length).length + text.length !== length) length = String(length).length + text.length;
  return Buffer.concat([Buffer.from(String(length)), text]);
}

export function octal(value: number, length: number): string {
  return value.toString(8).padStart(length - 1, "0");
}

/** A number in base 256, in two's complement. */
export function binary(value: bigint, length: number): Buffer {
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, "0");
  const bytes = Buffer.from(hex, "hex");
  bytes[0] = (bytes[0] as number) | 0x80;
  return bytes;
}

export function padded(bytes: Buffer | string): Buffer {
  const data = Buffer.from(bytes);
  return Buffer.concat([data, Buffer.alloc((block - (data.length % block)) % block)]);
}
