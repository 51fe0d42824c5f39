import type { Bytes } from "../../base/units.ts";
import { guid, le64, utf16le } from "../fields.ts";

/**
 * An entry of a GUID partition table: a partition. One whose type is all zeros is not used.
 *
 * Source: UEFI Specification 2.10, table 5.6.
 */
export const gptEntry = {
  /** The GUID of the kind of content: see `gptTypes`. */
  type: guid(0),
  /** The GUID of this one partition. */
  guid: guid(16),
  /** The first sector. */
  first: le64(32),
  /** The last sector, which belongs to it. */
  last: le64(40),
  /** A bit for each attribute: see `attributeBits`. */
  attributes: le64(48),
  /** For people: up to 36 units. */
  name: utf16le(56, 72),
} as const;

/** The bytes of an entry. A table can claim longer ones, with other fields behind these. */
export const gptEntryLength: Bytes = 128;

/** The attribute bits that the specification gives a meaning to. Source: UEFI Specification 2.10, table 5.8. */
export const gptAttributes = { required: 0, noBlockIo: 1, legacyBoot: 2 } as const;

/** Whether the entry that begins at byte `start` is a partition. */
export function isGptEntryUsed(bytes: Uint8Array, start: Bytes): boolean {
  const { offset, length } = gptEntry.type;
  return bytes.subarray(start + offset, start + offset + length).some((byte) => byte !== 0);
}

/** The attributes with these bits set. */
export function attributesOf(bits: readonly number[]): bigint {
  return bits.reduce((attributes, bit) => attributes | (1n << BigInt(bit)), 0n);
}

/** The bits that are set in attributes, ascending. */
export function attributeBits(attributes: bigint): number[] {
  return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => ((attributes >> BigInt(bit)) & 1n) === 1n);
}
