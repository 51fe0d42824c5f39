import { statSync } from "node:fs";
import { MiB, type Bytes } from "../../base/units.ts";
import type { RescueSystem } from "./rescue-system.ts";

/** The memory that a machine needs to come into a rescue system. */
interface NeededMemory {
  /** That nobody uses on the machine as it is: kernel and initrd lie in a folder and, loaded, in the kernel, which reads them into a third place first. */
  readonly available: Bytes;
  /** In all: packed and unpacked files are there at once, beside what kernel and server need to work. */
  readonly total: Bytes;
}

/** Tells what a rescue system needs; measured with kernels of Debian and of NixOS on x86_64. */
export function neededMemory({
  kernel,
  initrd,
  unpacked,
}: Pick<RescueSystem, "kernel" | "initrd" | "unpacked">): NeededMemory {
  const loaded = statSync(kernel).size + initrd.length;
  return { available: 3 * loaded + 16 * MiB, total: initrd.length + unpacked + kernelShare };
}

const kernelShare: Bytes = 128 * MiB;
