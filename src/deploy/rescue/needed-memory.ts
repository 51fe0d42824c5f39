import { closeSync, openSync, readSync, statSync } from "node:fs";
import { MiB, type Bytes } from "../../base/units.ts";
import type { KexecProgram } from "./kexec-program.ts";
import type { RescueSystem } from "./rescue-system.ts";

/**
 * The memory that a rescue system needs, as its kernel counts it (MemTotal): what it is packed in is there until it is unpacked; on top comes
 * what kernel and server use, which is 45 MiB, and programs that write a disk, with some room.
 */
export function neededMemory({ initrd, unpacked }: Pick<RescueSystem, "initrd" | "unpacked">): Bytes {
  return initrd.length + unpacked + 80 * MiB;
}

/**
 * The memory that has to be free on a machine for a rescue system to be loaded: its files lie in a folder, the kernel reads them
 * into a second place, and puts them into a third, with the room in which the new kernel unpacks itself.
 */
export function memoryToLoad(
  { kernel, initrd }: Pick<RescueSystem, "kernel" | "initrd">,
  { files }: Pick<KexecProgram, "files">,
): Bytes {
  const program = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const packed = statSync(kernel).size;
  return program + 2 * (packed + initrd.length) + unpackedKernel(kernel, packed) + initrd.length + 8 * MiB;
}

/**
 * The memory that a kernel takes when it starts, by its header.
 *
 * Source: Linux, Documentation/arch/x86/boot.rst (init_size); Documentation/arch/arm64/booting.rst (image_size).
 */
function unpackedKernel(path: string, packed: Bytes): Bytes {
  const header = Buffer.alloc(0x264);
  const descriptor = openSync(path, "r");
  try {
    readSync(descriptor, header, 0, header.length, 0);
  } finally {
    closeSync(descriptor);
  }
  if (header.toString("latin1", 0x202, 0x206) === "HdrS") return header.readUInt32LE(0x260);
  if (header.toString("latin1", 56, 60) === "ARM\x64") return Number(header.readBigUInt64LE(16));
  return 6 * packed;
}
