import test from "ava";
import { sha256Hex } from "../../src/nix/nix-hash.ts";

// Converted with `nix hash to-base16`, `to-base32` and `to-sri` of Nix 2.8.
const hex = "0cbff5dc5112b1a35c12861cfaf927cf146e92dcadf910c6e541d9a1b711d3ed";
const spellings = [
  hex,
  hex.toUpperCase(),
  `sha256:${hex}`,
  "sha256:1vfk26vs3na1wp311yddvj96w56g4zwzl74629fa7c8ja7fgbgqc",
  "sha256-DL/13FESsaNcEoYc+vknzxRuktyt+RDG5UHZobcR0+0=",
  "sha256:DL/13FESsaNcEoYc+vknzxRuktyt+RDG5UHZobcR0+0=",
];

for (const spelling of spellings) {
  test(`${spelling} is the same hash in hex`, (t) => t.is(sha256Hex(spelling), hex));
}

for (const text of [
  "",
  "sha256:",
  "sha1:abc",
  hex.slice(1),
  `md5:${hex}`,
  "sha256:e".padEnd(59, "0"),
  `sha256:${"z".repeat(52)}`,
]) {
  test(`${JSON.stringify(text)} is no SHA-256 hash`, (t) => t.is(sha256Hex(text), undefined));
}
