import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { MiB } from "../../../src/base/units.ts";
import { memoryToLoad, neededMemory } from "../../../src/deploy/rescue/needed-memory.ts";
import { temporaryFolder } from "../../image/folder.ts";

function kernelOf(header: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(MiB);
  header(bytes);
  return bytes;
}

const kernels = {
  "of x86 takes what its header says": [
    kernelOf((bytes) => {
      bytes.write("HdrS", 0x202);
      bytes.writeUInt32LE(50 * MiB, 0x260);
    }),
    50 * MiB,
  ],
  "of ARM takes what its header says": [
    kernelOf((bytes) => {
      bytes.write("ARMd", 56, "latin1");
      bytes.writeBigUInt64LE(BigInt(40 * MiB), 16);
    }),
    40 * MiB,
  ],
  "that says nothing takes six times its size": [kernelOf(() => {}), 6 * MiB],
} as const;
for (const [name, [bytes, unpacked]] of Object.entries(kernels)) {
  test(`a kernel ${name}`, (t) => {
    const kernel = join(temporaryFolder(t), "kernel");
    writeFileSync(kernel, bytes);
    const needed = memoryToLoad({ kernel, initrd: Buffer.alloc(2 * MiB) }, { files: [] });
    t.is(needed, 2 * (1 + 2) * MiB + unpacked + 2 * MiB + 8 * MiB);
  });
}

test("a rescue system has its packed and its unpacked files in memory at once", (t) => {
  const small = neededMemory({ initrd: Buffer.alloc(MiB), unpacked: 4 * MiB });
  t.is(neededMemory({ initrd: Buffer.alloc(3 * MiB), unpacked: 9 * MiB }) - small, 7 * MiB);
});
