import type { DiskBytes } from "../image/disk-bytes.ts";

interface Mark {
  readonly type: string;
  readonly offset: number;
  readonly hex: string;
}

/** Magic numbers unknown to stable releases of blkid. Source: bcachefs, "Principles of Operation", superblock at 4 KiB. */
const marks: readonly Mark[] = [
  { type: "bcachefs", offset: 4096 + 24, hex: "c68573f64e1a45ca8265f57f48ba6d81" },
  { type: "bcachefs", offset: 4096 + 24, hex: "c68573f666ce90a9d96a60cf803df7ef" },
];

/** Finds a filesystem's type by a magic number that blkid may be too old to know. */
export function typeByMark(bytes: DiskBytes): string | null {
  const holds = ({ offset, hex }: Mark): boolean => {
    const length = hex.length / 2;
    return bytes.size >= offset + length && bytes.read(offset, length).toString("hex") === hex;
  };
  return marks.find(holds)?.type ?? null;
}
