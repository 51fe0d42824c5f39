import { readFileSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import { findTool } from "../runtime/tools.ts";
import type { Architecture } from "./architecture.ts";

/** The numbers of processors in the header of a program. */
const machines: Readonly<Record<Architecture, number>> = { x86_64: 62, aarch64: 183 };

/**
 * The bytes of a busybox that runs in a guest before it has any library.
 *
 * @param path default: this machine's.
 * @throws MkimageError MISSING_TOOL when there is none, or it is for another processor, or not linked statically.
 *
 * Source: elf(5). `e_machine` is at byte 18; a program that needs a loader has a program header of type PT_INTERP (3).
 */
export function staticBusybox(architecture: Architecture, path: string = findTool("busybox")): Buffer {
  const bytes = readFileSync(path);
  if (bytes.readUInt16LE(18) !== machines[architecture]) {
    throw new MkimageError("MISSING_TOOL", `${path} does not run in a guest of ${architecture}`, {
      hint: `give a toolbox of ${architecture} with a static busybox in it (pkgsStatic.busybox): --toolbox /nix/store/…`,
    });
  }
  if (isStatic(bytes)) return bytes;
  throw new MkimageError("MISSING_TOOL", `${path} is linked dynamically, and a guest has no libraries`, {
    hint: "install a static one: apt-get install busybox-static, or nix-shell -p pkgsStatic.busybox",
  });
}

/** Whether a program of 64 bits runs without a loader. */
export function isStatic(program: Buffer): boolean {
  const [start, size, count] = [
    Number(program.readBigUInt64LE(32)),
    program.readUInt16LE(54),
    program.readUInt16LE(56),
  ];
  const types = Array.from({ length: count }, (_, index) => program.readUInt32LE(start + index * size));
  return !types.includes(3);
}
