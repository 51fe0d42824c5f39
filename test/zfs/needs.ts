import { execFileSync } from "node:child_process";
import { chooseKernel, type GuestKernel } from "../../src/guest/kernel.ts";
import { lookUpTool, packagesOf } from "../../src/runtime/tools.ts";

const programs = ["zfs", "zpool", "mount.zfs"] as const;

/**
 * The kernel that ZFS is tested with, and its programs in PATH: those of `MKIMAGE_ZFS_KERNEL` and this machine, else those
 * that `fixtures/zfs` builds.
 *
 * Throws an Error that lists everything that is missing, with what to do about it.
 */
export function zfsKernel(): GuestKernel {
  const own = process.env["MKIMAGE_ZFS_KERNEL"];
  const folder = own ?? execFileSync("fixtures/zfs", { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
  if (own === undefined) process.env["PATH"] = `${folder}/bin:${process.env["PATH"]}`;
  const kernel = kernelFrom(folder);
  const missing = programs.filter((program) => lookUpTool(program) === undefined);
  if (typeof kernel !== "string" && missing.length === 0) return kernel;
  throw new Error(
    [
      "the tests of ZFS cannot run on this machine, for it lacks:",
      ...(typeof kernel === "string" ? [kernelHint, ...kernel.split("\n").map((line) => `    ${line}`)] : []),
      ...missing.map((program) => `- the program ${program}: ${packagesOf(program)}`),
    ].join("\n"),
  );
}

const kernelHint =
  "- a kernel with the module zfs: MKIMAGE_ZFS_KERNEL=FOLDER names one with its modules, such as the toplevel of a NixOS " +
  "system that has boot.supportedFilesystems.zfs = true; without it fixtures/zfs builds one";

/** A kernel, or why there is none. */
function kernelFrom(folder: string): GuestKernel | string {
  try {
    return chooseKernel({ needs: ["zfs"], vmKernel: folder });
  } catch (error) {
    const { message, details } = error as Error & { details: readonly string[] };
    return [message, ...details].join("\n");
  }
}
