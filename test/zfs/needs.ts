import { chooseKernel, type GuestKernel } from "../../src/guest/kernel.ts";
import { lookUpTool, packagesOf } from "../../src/process/tools.ts";

const programs = ["zfs", "zpool"] as const;

/**
 * The kernel that ZFS is tested with: the one of `MKIMAGE_ZFS_KERNEL`, else one of this machine's.
 *
 * Throws an Error that lists everything that is missing, with what to do about it.
 */
export function zfsKernel(environment: Readonly<Record<string, string | undefined>>): GuestKernel {
  const kernel = kernelFrom(environment["MKIMAGE_ZFS_KERNEL"]);
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
  "system that has boot.supportedFilesystems.zfs = true";

/** A kernel, or why there is none. */
function kernelFrom(folder: string | undefined): GuestKernel | string {
  try {
    return chooseKernel({ needs: ["zfs"], ...(folder === undefined ? {} : { vmKernel: folder }) });
  } catch (error) {
    const { message, details } = error as Error & { details: readonly string[] };
    return [message, ...details].join("\n");
  }
}
