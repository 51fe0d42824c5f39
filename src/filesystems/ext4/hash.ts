import type { ByteString } from "../../base/byte-string.ts";

const chunkLength = 32;
/** The end of a folder, as an offset that readdir hands out: no name may hash to it. */
const endOfFolder = 0xfffffffe;
const second = 0x5a827999;
const third = 0x6ed9eba1;

const state = new Int32Array(4);
const input = new Int32Array(8);

/**
 * The hash by which ext4 finds a name, an even number of 32 bits: half_md4 over the signed bytes of the name, as mke2fs has it on x86.
 *
 * @param seed four words: the hash seed of the superblock.
 *
 * Source: kernel.org, filesystems/ext4, "Hash Tree Directories"; RFC 1320 for MD4.
 */
export function hashName(name: ByteString, seed: Uint32Array): number {
  state.set(seed);
  for (let at = 0; at < name.length; at += chunkLength) {
    loadChunk(name, at);
    mix();
  }
  const hash = (state[1]! & ~1) >>> 0;
  return hash === endOfFolder ? endOfFolder - 2 : hash;
}

/** The seed's bytes as the words that hashing starts from; a seed of zeros stands for MD4's own. */
export function hashSeedWords(seed: Uint8Array): Uint32Array {
  const view = new DataView(seed.buffer, seed.byteOffset, 16);
  const words = Uint32Array.from([0, 4, 8, 12], (at) => view.getUint32(at, true));
  return words.some((word) => word !== 0) ? words : Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
}

/** Eight words of the name, high byte first; where it has ended, its length in every byte. */
function loadChunk(name: ByteString, start: number): void {
  const left = name.length - start;
  const padding = Math.imul(left, 0x01010101);
  const length = Math.min(left, chunkLength);
  for (let index = 0; index < 8; index += 1) {
    let value = padding;
    const end = Math.min(length, index * 4 + 4);
    for (let at = index * 4; at < end; at += 1)
      value = ((value << 8) + ((name.charCodeAt(start + at) << 24) >> 24)) | 0;
    input[index] = value;
  }
}

function mix(): void {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  for (let at = 0; at < 8; at += 4) {
    a = rotate(a + choose(b, c, d) + input[at]!, 3);
    d = rotate(d + choose(a, b, c) + input[at + 1]!, 7);
    c = rotate(c + choose(d, a, b) + input[at + 2]!, 11);
    b = rotate(b + choose(c, d, a) + input[at + 3]!, 19);
  }
  for (let at = 1; at >= 0; at -= 1) {
    a = rotate(a + majority(b, c, d) + input[at]! + second, 3);
    d = rotate(d + majority(a, b, c) + input[at + 2]! + second, 5);
    c = rotate(c + majority(d, a, b) + input[at + 4]! + second, 9);
    b = rotate(b + majority(c, d, a) + input[at + 6]! + second, 13);
  }
  for (let at = 3; at >= 1; at -= 2) {
    a = rotate(a + (b ^ c ^ d) + input[at]! + third, 3);
    d = rotate(d + (a ^ b ^ c) + input[at + 4]! + third, 9);
    c = rotate(c + (d ^ a ^ b) + input[at - 1]! + third, 11);
    b = rotate(b + (c ^ d ^ a) + input[at + 3]! + third, 15);
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | ((value | 0) >>> (32 - bits));
}

function choose(x: number, y: number, z: number): number {
  return z ^ (x & (y ^ z));
}

function majority(x: number, y: number, z: number): number {
  return (x & y) + ((x ^ y) & z);
}
