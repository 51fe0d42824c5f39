import { crc32 } from "node:zlib";

/** A run of bytes that a reader goes by: headers, tables, descriptors. */
export interface Region {
  readonly offset: number;
  readonly length: number;
}

export interface Mutant {
  readonly bytes: Buffer;
  /** The changes, one each. */
  readonly changes: readonly string[];
}

/** Draws numbers from 0 to below 1, the same for the same seed. */
export type Random = () => number;

/**
 * A changed copy of an image: bits flipped, numbers set to what readers trip over, blocks exchanged, repeated, taken from
 * another image or cut off. Most changes go where readers look first.
 */
export function mutate(image: Buffer, regions: readonly Region[], donor: Buffer, random: Random): Mutant {
  const draft: Draft = { bytes: Buffer.from(image), regions, donor, random };
  const count = 1 + Math.floor(random() ** 2 * 6);
  const changes = Array.from({ length: count }, () => pick(mutators, random)(draft));
  if (random() < 0.5) sealGpt(draft.bytes);
  return { bytes: draft.bytes, changes };
}

interface Draft {
  bytes: Buffer;
  readonly regions: readonly Region[];
  readonly donor: Buffer;
  readonly random: Random;
}

type Mutator = (draft: Draft) => string;

/** Numbers come more than once: they are what most faults of readers are about. */
const mutators: readonly Mutator[] = [
  setNumber,
  setNumber,
  setNumber,
  setNumber,
  flipBit,
  flipBit,
  exchangeBlocks,
  repeatBlock,
  splice,
  fill,
  cutOff,
];

function setNumber(draft: Draft): string {
  const { bytes, random } = draft;
  const width = pick([1, 2, 4, 8], random);
  const offset = Math.min(Math.floor(place(draft) / width) * width, bytes.length - width);
  if (offset < 0) return "nothing";
  const isBig = random() < 0.3;
  const read = bytes.subarray(offset, offset + width);
  const before = BigInt(`0x${(isBig ? read : Buffer.from(read).reverse()).toString("hex")}`);
  const most = (1n << BigInt(8 * width)) - 1n;
  const value = pick(interesting, random)(before, most) & most;
  const written = Buffer.from(value.toString(16).padStart(2 * width, "0"), "hex");
  (isBig ? written : written.reverse()).copy(bytes, offset);
  return `the number of ${width} bytes at ${offset} from ${before} to ${value}`;
}

const interesting: readonly ((before: bigint, most: bigint) => bigint)[] = [
  () => 0n,
  () => 1n,
  (_, most) => most,
  (_, most) => most >> 1n,
  (_, most) => (most >> 1n) + 1n,
  (before) => before + 1n,
  (before, most) => (before === 0n ? most : before - 1n),
  (before) => before * 2n,
  (before) => before / 2n,
  (before, most) => most - before,
];

function flipBit(draft: Draft): string {
  const offset = place(draft);
  const bit = Math.floor(draft.random() * 8);
  draft.bytes[offset] = (draft.bytes[offset] ?? 0) ^ (1 << bit);
  return `bit ${bit} of byte ${offset}`;
}

function exchangeBlocks(draft: Draft): string {
  const { bytes } = draft;
  const size = blockSize(draft);
  const [one, other] = [blockAt(draft, size), blockAt(draft, size)];
  const kept = Buffer.from(bytes.subarray(one, one + size));
  bytes.copy(bytes, one, other, other + size);
  kept.copy(bytes, other);
  return `${size} bytes at ${one} and ${other} exchanged`;
}

function repeatBlock(draft: Draft): string {
  const size = blockSize(draft);
  const [from, to] = [blockAt(draft, size), blockAt(draft, size)];
  draft.bytes.copy(draft.bytes, to, from, from + size);
  return `${size} bytes of ${from} at ${to} as well`;
}

function splice(draft: Draft): string {
  const { bytes, donor } = draft;
  const size = blockSize(draft);
  const to = blockAt(draft, size);
  const from = Math.min(to, Math.max(0, donor.length - size));
  donor.copy(bytes, to, from, from + size);
  return `${size} bytes of another image's ${from} at ${to}`;
}

function fill(draft: Draft): string {
  const size = blockSize(draft);
  const to = blockAt(draft, size);
  const value = pick([0, 0xff], draft.random);
  draft.bytes.fill(value, to, to + size);
  return `${size} bytes of ${value} at ${to}`;
}

/** The rarest: little is left to read. */
function cutOff(draft: Draft): string {
  if (draft.random() < 0.6) return flipBit(draft);
  const length = Math.floor(draft.bytes.length * draft.random());
  draft.bytes = Buffer.from(draft.bytes.subarray(0, Math.max(512, length)));
  return `cut off at ${length}`;
}

function place({ bytes, regions, random }: Draft): number {
  const region = random() < 0.9 && regions.length > 0 ? pick(regions, random) : { offset: 0, length: bytes.length };
  return Math.min(bytes.length - 1, region.offset + Math.floor(random() * region.length));
}

function blockSize({ bytes, random }: Draft): number {
  return Math.min(bytes.length, pick([32, 128, 512, 1024, 4096], random));
}

function blockAt(draft: Draft, size: number): number {
  return Math.max(0, Math.min(Math.floor(place(draft) / size) * size, draft.bytes.length - size));
}

function pick<Item>(list: readonly Item[], random: Random): Item {
  return list[Math.floor(random() * list.length)] as Item;
}

/** Makes the checksums of a GUID partition table right, so that what its numbers say is believed. */
function sealGpt(bytes: Buffer): void {
  const header = bytes.subarray(512, 1024);
  if (header.length < 512 || header.toString("latin1", 0, 8) !== "EFI PART") return;
  const start = Number(header.readBigUInt64LE(72)) * 512;
  const length = header.readUInt32LE(80) * header.readUInt32LE(84);
  if (start + length <= bytes.length) header.writeUInt32LE(crc32(bytes.subarray(start, start + length)), 88);
  const headerLength = header.readUInt32LE(12);
  header.writeUInt32LE(0, 16);
  if (headerLength >= 92 && headerLength <= 512) header.writeUInt32LE(crc32(header.subarray(0, headerLength)), 16);
}
