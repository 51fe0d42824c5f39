/** The polynomial of crc32c (Castagnoli), bits reversed. */
const polynomial = 0x82f63b78;

/** Eight tables of 256 words: table k holds what a byte does to the sum when k more bytes follow it. */
const tables = makeTables();

/** Tables for 1, 2, 4 … bytes of zeros: what they do to each byte of the sum. Made when they are first needed, since few runs are. */
const zeroTables: Int32Array[] = [];

/** The sum to begin with when nothing came before. */
export const crc32cStart = 0xffffffff;

/**
 * The crc32c of `bytes[start..end)`, continued from `sum`. As the kernel keeps it: neither the start nor the end is
 * inverted. Source: RFC 3720, appendix B.4.
 */
export function crc32c(sum: number, bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = sum | 0;
  let at = start;
  for (const last = end - 7; at < last; at += 8) crc = twoWords(crc ^ word(bytes, at), word(bytes, at + 4));
  for (; at < end; at += 1) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 0xff]!;
  return crc >>> 0;
}

/** The same over the bytes under `words[start..end)`, which are an even number of words. */
export function crc32cOfWords(sum: number, words: Uint32Array, start = 0, end = words.length): number {
  let crc = sum | 0;
  for (let at = start; at < end; at += 2) crc = twoWords(crc ^ words[at]!, words[at + 1]!);
  return crc >>> 0;
}

/** Returns the sum after eight bytes, the first four of which are combined with the previous sum already. */
function twoWords(low: number, high: number): number {
  return (
    tables[1792 + (low & 0xff)]! ^
    tables[1536 + ((low >>> 8) & 0xff)]! ^
    tables[1280 + ((low >>> 16) & 0xff)]! ^
    tables[1024 + (low >>> 24)]! ^
    tables[768 + (high & 0xff)]! ^
    tables[512 + ((high >>> 8) & 0xff)]! ^
    tables[256 + ((high >>> 16) & 0xff)]! ^
    tables[high >>> 24]!
  );
}

/** The same over `count` bytes of zeros, in as many steps as `count` has bits. */
export function crc32cOfZeros(sum: number, count: number): number {
  let crc = sum | 0;
  for (let power = 0, left = count; left > 0; power += 1, left >>>= 1) {
    if ((left & 1) === 1) crc = applyZeros(zeroTables[power] ?? makeZeroTable(power), crc);
  }
  return crc >>> 0;
}

/** The same over `value` as 32 bits, low byte first. */
export function crc32cOfWord(sum: number, value: number): number {
  let crc = sum ^ value;
  for (let byte = 0; byte < 4; byte += 1) crc = (crc >>> 8) ^ tables[crc & 0xff]!;
  return crc >>> 0;
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function makeTables(): Int32Array {
  const words = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ polynomial;
    words[byte] = crc;
  }
  for (let index = 256; index < words.length; index += 1) {
    const previous = words[index - 256]!;
    words[index] = (previous >>> 8) ^ words[previous & 0xff]!;
  }
  return words;
}

function applyZeros(table: Int32Array, crc: number): number {
  return (
    table[crc & 0xff]! ^
    table[256 + ((crc >>> 8) & 0xff)]! ^
    table[512 + ((crc >>> 16) & 0xff)]! ^
    table[768 + (crc >>> 24)]!
  );
}

/** Zeros are counted from the lowest bit up, but one that is not set asks for no table. */
function makeZeroTable(power: number): Int32Array {
  const half = power === 0 ? undefined : (zeroTables[power - 1] ?? makeZeroTable(power - 1));
  const step = (crc: number) =>
    half === undefined ? (crc >>> 8) ^ tables[crc & 0xff]! : applyZeros(half, applyZeros(half, crc));
  return (zeroTables[power] = tableOf(step));
}

/** Tabulates a linear step for each byte of a sum: for a byte with several bits, the XOR of its results for each of them. */
function tableOf(step: (crc: number) => number): Int32Array {
  const table = new Int32Array(4 * 256);
  for (let index = 0; index < table.length; index += 1) {
    const lowest = index & -index & 0xff;
    const rest = index ^ lowest;
    const first = index - (index & 0xff);
    table[index] = rest === first ? step(lowest << (8 * (index >>> 8))) : table[rest]! ^ table[first + lowest]!;
  }
  return table;
}
