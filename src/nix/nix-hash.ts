const nix32Alphabet = "0123456789abcdfghijklmnpqrsvwxyz";
const sha256Length = 32;

/**
 * A SHA-256 hash in any of Nix's spellings, as 64 lower-case hex digits: bare hex, `sha256:HEX`, `sha256:NIX32`,
 * `sha256:BASE64` or `sha256-BASE64`. `undefined` when it is none of them.
 *
 * Source: the Nix manual, "nix hash" (nix32 leaves out e, o, t and u, and begins with the highest bits).
 */
export function sha256Hex(text: string): string | undefined {
  const digits = /^(?:sha256[:-])?(.+)$/.exec(text)?.[1] ?? "";
  if (/^[0-9a-fA-F]{64}$/.test(digits)) return digits.toLowerCase();
  if (/^[0-9a-z]{52}$/.test(digits)) return decodeNix32(digits)?.toString("hex");
  if (/^[0-9A-Za-z+/]{43}=$/.test(digits)) return Buffer.from(digits, "base64").toString("hex");
  return undefined;
}

function decodeNix32(digits: string): Buffer | undefined {
  const bytes = Buffer.alloc(sha256Length + 1);
  for (let index = 0; index < digits.length; index += 1) {
    const value = nix32Alphabet.indexOf(digits[digits.length - 1 - index] as string);
    if (value < 0) return undefined;
    const bit = index * 5;
    const shifted = value << (bit % 8);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) | (shifted & 0xff);
    bytes[(bit >> 3) + 1] = (bytes[(bit >> 3) + 1] as number) | (shifted >> 8);
  }
  return bytes[sha256Length] === 0 ? bytes.subarray(0, sha256Length) : undefined;
}
