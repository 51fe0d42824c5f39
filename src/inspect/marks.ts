import type { DiskBytes } from "../image/disk-bytes.ts";

interface Mark {
  readonly type: string;
  readonly offset: number;
  readonly hex: string;
}

/** What stable releases of blkid do not know. Source: bcachefs, "Principles of Operation", superblock: 4 KiB, and its UUID. */
const marks: readonly Mark[] = [
  { type: "bcachefs", offset: 4096 + 24, hex: "c68573f64e1a45ca8265f57f48ba6d81" },
  { type: "bcachefs", offset: 4096 + 24, hex: "c68573f666ce90a9d96a60cf803df7ef" },
];

/** A filesystem's type by a mark that blkid may be too old for. */
export function typeByMark(bytes: DiskBytes): string | null {
  const holds = ({ offset, hex }: Mark): boolean => {
    const length = hex.length / 2;
    return bytes.size >= offset + length && bytes.read(offset, length).toString("hex") === hex;
  };
  return marks.find(holds)?.type ?? null;
}
