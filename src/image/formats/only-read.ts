import type { ImageReader } from "./format.ts";

// Formats of QEMU's that mkimage reads, and does not write.

export const parallelsReader: ImageReader = { endings: [], isCheckable: true, readsPastEnd: false };

export const qedReader: ImageReader = {
  endings: [],
  isCheckable: true,
  readsPastEnd: false,
  references: backingOfQed,
};

/** Source: QEMU, docs/interop/qed_spec.txt. */
function backingOfQed(head: Buffer): string | undefined {
  const hasBacking = head.toString("latin1", 0, 4) === "QED\0" && (head.readBigUInt64LE(16) & 1n) !== 0n;
  return hasBacking ? "a backing file" : undefined;
}
