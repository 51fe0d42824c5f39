import { createCipheriv, createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { MiB } from "../../src/base/units.ts";
import { ask, attach, judge, type Scope, temporaryFolder } from "./loop-device.ts";

export const imageSize = 48 * MiB;

/**
 * An image as other people's programs make it: a GPT by sfdisk, boot code, a FAT and an ext4 filesystem, data up to
 * the last partition's end, and holes in between.
 */
export function makeImage(t: Scope, sectorSize: number): string {
  const path = join(temporaryFolder(t), "image with blanks.raw");
  judge("truncate", "-s", String(imageSize), path);
  const loop = attach(t, path, { sectorSize }).path;
  const script = "label: gpt\nsize=8MiB, type=uefi\nsize=30MiB, type=linux\n";
  judge("sh", "-c", `printf '${script.replaceAll("\n", "\\n")}' | sfdisk --quiet --no-reread --no-tell-kernel ${loop}`);
  judge("mkfs.ext4", "-q", "-F", "-E", `offset=${9 * MiB}`, loop, "30M");
  judge("blockdev", "--flushbufs", loop);
  writeAt(path, 0, noise("boot code", 440));
  writeAt(path, MiB, noise("the first partition", 3 * MiB + 4321));
  writeAt(path, 38 * MiB, noise("up to its end", MiB));
  return path;
}

/** Bytes that are the same each time and do not repeat. */
export function noise(seed: string, length: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

export function writeAt(path: string, offset: number, bytes: Uint8Array): void {
  const file = openSync(path, "r+");
  writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

/** The marks by which firmware or a kernel would see something on a device; empty when it looks blank. */
export function bootTraces(file: string, loop: string, sectorSize: number): string[] {
  const bytes = readFileSync(file);
  const text = (offset: number) => bytes.toString("latin1", offset, offset + 8);
  return [
    ...(ask("sfdisk", "--dump", loop).status === 0 ? ["sfdisk finds a table"] : []),
    ...(bytes.readUInt16LE(510) === 0xaa55 ? ["a boot signature"] : []),
    ...(text(sectorSize) === "EFI PART" ? ["a primary GPT"] : []),
    ...(text(bytes.length - sectorSize) === "EFI PART" ? ["a backup GPT"] : []),
    ...(bytes.subarray(0, 440).some((byte) => byte !== 0) ? ["boot code"] : []),
  ];
}
