/** Polynomials over GF(2) stand with the coefficient of x^0 in the highest bit. */
const polynomial = 0xedb88320;
const one = 0x80000000;

/**
 * The CRC-32 of two texts one behind the other, of the CRC-32 of each, and the length of the second: the first is shifted by
 * so many bits. Threads sum up their own parts.
 *
 * Source: RFC 1952, 8.1; M. Adler, "crc32_combine" of zlib, for the idea of powers of x.
 */
export function joinedCrc32(first: number, second: number, secondLength: number): number {
  return (product(powerOfX(secondLength), first) ^ second) >>> 0;
}

/** x^(8 × bytes), of the squares of x^8. */
function powerOfX(bytes: number): number {
  let power = one;
  let square = one >>> 8;
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = product(square, power);
    square = product(square, square);
  }
  return power;
}

/** Modulo the polynomial. */
function product(a: number, b: number): number {
  let [sum, shifted] = [0, b];
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= shifted;
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ polynomial;
  }
  return sum >>> 0;
}
