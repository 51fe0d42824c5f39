import { createHash } from "node:crypto";

/** The contents of a VMA. */
interface ReadVma {
  readonly configs: Readonly<Record<string, string>>;
  readonly devices: Readonly<Record<string, Buffer>>;
  readonly time: number;
  /** Blocks of 4 KiB that are stored. */
  readonly storedBlocks: number;
}

/**
 * Reads a VMA as Proxmox's `vma extract` does, and is as strict: written for tests from the format's description alone, since
 * no Debian has that program. Source: Proxmox, pve-qemu, "vma_spec.txt".
 */
export function readVma(bytes: Buffer): ReadVma {
  requireEqual(bytes.toString("latin1", 0, 4), "VMA\0", "magic");
  requireEqual(bytes.readUInt32BE(4), 1, "version");
  const [blobs, blobsLength, headLength] = [48, 52, 56].map((at) => bytes.readUInt32BE(at)) as [number, number, number];
  requireEqual(blobs + blobsLength, headLength, "the end of the blobs");
  requireEqual(headLength % 512, 0, "the rest of the header's length");
  requireSum(bytes.subarray(0, headLength), 32);
  const blobAt = (at: number): Buffer => {
    const length = bytes.readUInt16LE(blobs + at);
    return bytes.subarray(blobs + at + 2, blobs + at + 2 + length);
  };
  const configs: Record<string, string> = {};
  const devices = new Map<number, { name: string; contents: Buffer; seen: Set<number> }>();
  for (let index = 0; index < 256; index += 1) {
    const [name, data] = [bytes.readUInt32BE(2044 + index * 4), bytes.readUInt32BE(3068 + index * 4)];
    if (name !== 0) configs[textOf(blobAt(name))] = blobAt(data).toString();
    const at = 4096 + index * 32;
    const size = Number(bytes.readBigUInt64BE(at + 8));
    if (size === 0) continue;
    devices.set(index, { name: textOf(blobAt(bytes.readUInt32BE(at))), contents: Buffer.alloc(size), seen: new Set() });
  }
  let storedBlocks = 0;
  for (let at = headLength; at < bytes.length;) {
    const head = bytes.subarray(at, at + 512);
    requireEqual(head.toString("latin1", 0, 4), "VMAE", `magic at ${at}`);
    requireEqual(head.toString("hex", 8, 24), bytes.toString("hex", 8, 24), "UUID");
    requireSum(head, 24);
    const start = at;
    at += 512;
    for (let number = 0; number < 59; number += 1) {
      const info = 40 + number * 8;
      const device = devices.get(head.readUInt8(info + 3));
      if (head.readUInt8(info + 3) === 0) continue;
      if (device === undefined) throw new Error("a cluster of no device");
      const cluster = head.readUInt32BE(info + 4);
      requireEqual(device.seen.has(cluster), false, `cluster ${cluster} twice`);
      device.seen.add(cluster);
      for (let block = 0; block < 16; block += 1) {
        if ((head.readUInt16BE(info) & (1 << block)) === 0) continue;
        bytes.copy(device.contents, cluster * 65_536 + block * 4096, at, at + 4096);
        at += 4096;
        storedBlocks += 1;
      }
    }
    requireEqual(head.readUInt16BE(6), (at - start - 512) / 4096, "number of blocks");
  }
  for (const { contents, seen } of devices.values())
    requireEqual(seen.size, Math.ceil(contents.length / 65_536), "clusters of a device");
  const time = Number(bytes.readBigUInt64BE(24));
  return {
    configs,
    devices: Object.fromEntries([...devices.values()].map(({ name, contents }) => [name, contents])),
    time,
    storedBlocks,
  };
}

function textOf(blob: Buffer): string {
  requireEqual(blob.at(-1), 0, "the end of a name");
  return blob.toString("utf8", 0, blob.length - 1);
}

function requireSum(head: Buffer, at: number): void {
  const blanked = Buffer.from(head).fill(0, at, at + 16);
  requireEqual(head.toString("hex", at, at + 16), createHash("md5").update(blanked).digest("hex"), "MD5");
}

function requireEqual(found: unknown, wanted: unknown, what: string): void {
  if (found !== wanted) throw new Error(`${what}: ${String(found)} where ${String(wanted)} should be`);
}
