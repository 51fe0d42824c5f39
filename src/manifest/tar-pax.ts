import { MkimageError } from "../base/errors.ts";
import { bytesOf, type ByteString } from "../base/byte-string.ts";
import type { Timestamp } from "./inode.ts";
import { entryFault, quoted } from "./tar-fault.ts";

/** Pax records in their order: `path`, `mtime`, `SCHILY.xattr.user.x`, … A keyword may come several times (sparse maps). */
export type PaxRecords = readonly PaxRecord[];

export type PaxRecord = readonly [keyword: ByteString, value: ByteString];

/**
 * Reads `LENGTH KEYWORD=VALUE\n` records, whose values may hold any byte. Pure.
 *
 * @param name the entry that holds them, for errors.
 * @throws MkimageError BAD_REQUEST when a length is wrong.
 */
export function parsePaxRecords(text: ByteString, name: ByteString): PaxRecords {
  const records: [ByteString, ByteString][] = [];
  for (let at = 0; at < text.length;) {
    const digits = /^[1-9]\d*(?= )/.exec(text.slice(at, at + 16))?.[0] ?? "";
    const length = Number(digits);
    const record = text.slice(at + digits.length + 1, at + length);
    const equals = record.indexOf("=");
    if (length === 0 || at + length > text.length || !record.endsWith("\n") || equals < 1) {
      throw entryFault(
        name,
        `its extended header is damaged at byte ${at}, where ${quoted(text.slice(at, at + 40))} is`,
      );
    }
    records.push([record.slice(0, equals), record.slice(equals + 1, -1)]);
    at += length;
  }
  return records;
}

/** The last value of a keyword; an empty one takes a former one back. */
export function paxValue(records: PaxRecords, keyword: string): ByteString | undefined {
  const value = records.findLast(([name]) => name === keyword)?.[1];
  return value === "" ? undefined : value;
}

/**
 * The last value of a keyword that counts something.
 *
 * @throws MkimageError BAD_REQUEST when it is no whole number from 0 on.
 */
export function paxNumber(records: PaxRecords, keyword: string, name: ByteString): number | undefined {
  const value = paxValue(records, keyword);
  return value === undefined ? undefined : countOf(value, keyword, name);
}

/** A value in decimal digits. Throws MkimageError BAD_REQUEST. */
export function countOf(value: ByteString, keyword: string, name: ByteString): number {
  const count = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  throw entryFault(name, `its ${keyword}, ${quoted(value)}, is no number from 0 to ${Number.MAX_SAFE_INTEGER}`);
}

/**
 * Seconds with a fraction of any length, such as `1700000000.123456789` or `-1.5`.
 *
 * @throws MkimageError BAD_REQUEST for anything else.
 */
export function parsePaxTime(value: ByteString, name: ByteString): Timestamp {
  const [, sign, whole = "", fraction = ""] = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(value) ?? [];
  if (whole === "") throw entryFault(name, `its mtime, ${quoted(value)}, is no number of seconds`);
  const nanoseconds = Number(fraction.padEnd(9, "0").slice(0, 9));
  if (sign !== "-") return { seconds: Number(whole), nanoseconds };
  return nanoseconds === 0
    ? { seconds: 0 - Number(whole), nanoseconds }
    : { seconds: -Number(whole) - 1, nanoseconds: 1_000_000_000 - nanoseconds };
}

const xattrPrefix = "SCHILY.xattr.";

/**
 * The extended attributes in some records.
 *
 * @throws MkimageError BAD_REQUEST when there are ACLs as text, whose names only the archive's own machine knows.
 */
export function paxXattrs(records: PaxRecords): Map<ByteString, Uint8Array> | undefined {
  const xattrs = new Map<ByteString, Uint8Array>();
  for (const [keyword, value] of records) {
    if (keyword.startsWith(xattrPrefix)) xattrs.set(decodeKeyword(keyword.slice(xattrPrefix.length)), bytesOf(value));
    if (keyword === "RHT.security.selinux") xattrs.set("security.selinux", bytesOf(`${value}\0`));
    if (keyword.startsWith("SCHILY.acl.")) throw textualAcl();
  }
  return xattrs.size === 0 ? undefined : xattrs;
}

/** GNU tar writes the two characters that a keyword cannot hold as %3D and %25. */
function decodeKeyword(keyword: ByteString): ByteString {
  return keyword.replaceAll("%3D", "=").replaceAll("%25", "%");
}

function textualAcl(): MkimageError {
  return new MkimageError(
    "BAD_REQUEST",
    "the tar archive holds ACLs as text, with names of users in place of numbers",
    {
      hint: "make it with `tar --xattrs --xattrs-include='*'` instead of --acls: then ACLs are stored as numbers",
    },
  );
}
