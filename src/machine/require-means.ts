import { closeSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import { filesystemOf } from "../filesystems/registry.ts";
import { libc } from "../runtime/libc.ts";
import { isTool, lookUpProgram, packagesOf } from "../runtime/tools.ts";
import { filesystemsOf } from "../steps/needed-filesystems.ts";
import { toolsOf } from "../devices/steps/script.ts";
import type { Step } from "../steps/step.ts";

/**
 * Looks for every program that steps call, and every filesystem that they mount, before anything is touched.
 *
 * @throws MkimageError MISSING_TOOL naming all that are missing, each with its package or its kernel module.
 */
export function requireMeans(steps: readonly Step[]): void {
  const programs = toolsOf(steps).filter((name) => lookUpProgram(name) === undefined);
  const filesystems = filesystemsOf(steps).filter(isMissing);
  if (programs.length + filesystems.length === 0) return;
  const faults = [
    ...(programs.length === 0 ? [] : [`programs are not installed: ${programs.join(", ")}`]),
    ...(filesystems.length === 0 ? [] : [`this machine's kernel cannot mount ${filesystems.join(", ")}`]),
  ];
  throw new MkimageError("MISSING_TOOL", faults.join("; "), {
    details: [
      ...programs.map((name) => `${name}: ${isTool(name) ? packagesOf(name) : "a package for this filesystem"}`),
      ...filesystems.map(
        (name) => `${name}: a kernel with the module ${name}; on NixOS boot.supportedFilesystems.${name} = true`,
      ),
    ],
    hint: "install what is missing; nothing was changed",
  });
}

/** Whether this machine cannot mount a filesystem: one with its own mount program may need no driver of its name. */
function isMissing(filesystem: string): boolean {
  const { helperNeedsDriver } = filesystemOf(filesystem);
  return (helperNeedsDriver || lookUpProgram(`mount.${filesystem}`) === undefined) && !kernelHas(filesystem);
}

/** Source: fsopen(2); its number is the same for every machine. */
const fsopen = 430;

/** The kernel itself is asked, since it loads modules that are in no list here. Where it may not be asked, it may have it. */
function kernelHas(filesystem: string): boolean {
  const { syscall, lastError } = libc();
  const context = syscall(fsopen, Buffer.from(`${filesystem}\0`), 0);
  if (context === -1) return lastError()[0] !== "ENODEV";
  closeSync(context);
  return true;
}
