import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MiB } from "../base/units.ts";
import { openTemporaryWorkspace } from "../runtime/workspace.ts";
import { bootMark, mbrSector } from "../structures/mbr/sector.ts";
import type { Architecture } from "./architecture.ts";
import { readConsole } from "./console.ts";
import type { Machine } from "./qemu.ts";
import { runMachine } from "./run-machine.ts";

/** The byte that the guest of a few instructions writes to its serial line before it ends. */
const sign = "K";
const deadlineSeconds = 3;

/**
 * Boots a guest of a few instructions under KVM, in the same machine as a real one; says what went wrong, or nothing.
 * That `/dev/kvm` can be opened says little: on some machines a guest then hangs at its first change of processor mode.
 */
export async function probeKvm(architecture: Architecture, signal?: AbortSignal): Promise<string | undefined> {
  const workspace = await openTemporaryWorkspace();
  const image = join(workspace.folder, "probe");
  const console = readConsole();
  try {
    writeFileSync(image, probes[architecture].image());
    const machine = { ...probeMachine(architecture), ...probes[architecture].machine(image) };
    const end = await runMachine(machine, { console, deadlineSeconds, signal });
    if (end.kind === "timed-out") return `a guest of a few instructions hung for ${deadlineSeconds} s`;
    return console.lines().join("").includes(sign) ? undefined : "a guest of a few instructions did not run";
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return "QEMU could not start a guest with it";
  } finally {
    workspace.remove();
  }
}

function probeMachine(architecture: Architecture): Machine {
  return { architecture, acceleration: "kvm", memory: 64 * MiB, processors: 1, clock: 0, disks: [] };
}

interface Probe {
  image(): Buffer;
  machine(path: string): Partial<Machine>;
}

/** In each: write the sign to the serial port, end the machine, and wait for that. */
const probes: Readonly<Record<Architecture, Probe>> = {
  x86_64: {
    // mov dx,0x3f8; mov al,'K'; out dx,al; mov al,0xfe; out 0x64,al (the keyboard controller resets); hlt; jmp
    image: () => bootDisk(Buffer.from("baf803b04beeb0fee664f4ebfd", "hex")),
    machine: (path) => ({ disks: [{ path, format: "raw", serial: "probe", access: "read-only" }] }),
  },
  aarch64: {
    // mov w0,'K'; mov x1,0x9000000; strb w0,[x1]; mov w0,0x84000008 (PSCI SYSTEM_OFF); hvc 0; b .
    image: () =>
      littleEndianWords([0x52800960, 0xd2a12001, 0x39000020, 0x52b08000, 0x72800100, 0xd4000002, 0x14000000]),
    machine: (path) => ({ kernel: { image: path, parameters: [] } }),
  },
};

/** A disk whose first sector is code; SeaBIOS boots none that is smaller than a cylinder. */
function bootDisk(code: Buffer): Buffer {
  const disk = Buffer.alloc(MiB);
  code.copy(disk);
  mbrSector.mark.write(disk, bootMark);
  return disk;
}

function littleEndianWords(words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, index * 4);
  return bytes;
}
