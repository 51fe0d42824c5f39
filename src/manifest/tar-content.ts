import type { BlockReader } from "./block-reader.ts";
import type { ByteString } from "../base/byte-string.ts";
import type { FileInode } from "./inode.ts";
import { entryFault } from "./tar-fault.ts";
import { tarBlock, type TarHeader } from "./tar-header.ts";
import { type PaxRecords, paxValue } from "./tar-pax.ts";
import { sparseExtents, type SparseMap, sparseMapOfData, sparseMapOfHeader, sparseMapOfRecords } from "./tar-sparse.ts";

/** A header, and where its data begins. */
interface Headed {
  readonly header: TarHeader;
  readonly records: PaxRecords;
  readonly name: ByteString;
  readonly start: number;
  readonly size: number;
}

interface TarContent {
  readonly file: Pick<FileInode, "size" | "content">;
  /** How many bytes it takes beyond the size that its header states. */
  readonly further: number;
}

/**
 * The content of an entry: as it stands there, or with the holes of one of the four sparse formats.
 *
 * @throws MkimageError BAD_REQUEST for a sparse map that cannot be.
 */
export function fileOf(reader: BlockReader, headed: Headed): TarContent {
  const { header, records, name, start, size } = headed;
  const blockAt = (index: number) => reader.read(start + index * tarBlock, tarBlock);
  if (header.type === "S") {
    const { map, length } = sparseMapOfHeader(Buffer.from(reader.read(start - tarBlock, tarBlock)), blockAt);
    return { file: sparseFile(reader, headed, map, { position: start + length, length: size }), further: length };
  }
  const major = paxValue(records, "GNU.sparse.major");
  if (major !== undefined) {
    const minor = paxValue(records, "GNU.sparse.minor");
    if (major !== "1" || minor !== "0")
      throw entryFault(name, `its sparse format, ${major}.${minor}, is not known here`);
    const { map, length } = sparseMapOfData(records, name, Math.floor(size / tarBlock), blockAt);
    const data = { position: start + length, length: size - length };
    return { file: sparseFile(reader, headed, map, data), further: 0 };
  }
  const map = sparseMapOfRecords(records, name);
  if (map !== undefined)
    return { file: sparseFile(reader, headed, map, { position: start, length: size }), further: 0 };
  return {
    file: {
      size,
      content: size === 0 ? [] : [{ offset: 0, length: size, source: { ...reader.source, position: start } }],
    },
    further: 0,
  };
}

function sparseFile(
  { source: archive }: BlockReader,
  { name }: Headed,
  map: SparseMap,
  data: { readonly position: number; readonly length: number },
): TarContent["file"] {
  return { size: map.size, content: sparseExtents(map, { archive, ...data }, name) };
}
