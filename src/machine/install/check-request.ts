import { existsSync } from "node:fs";
import { MkimageError } from "../../base/errors.ts";
import type { Fault } from "../../base/schema/faults.ts";
import type { InstallRequest } from "./install-request.ts";

/**
 * Refuses what cannot work before anything is evaluated or built.
 *
 * @throws MkimageError BAD_REQUEST with every fault.
 */
export function checkRequest(request: InstallRequest): void {
  const faults: Fault[] = [
    ...request.extraFiles.flatMap(([from, to]) => [
      ...(existsSync(from) ? [] : [`--extra-files: ${from} is not there`]),
      ...(to.startsWith("/") && !to.split("/").includes("..") ? [] : [`--extra-files: ${to} is no absolute path`]),
    ]),
    ...(request.writesVariables && !existsSync("/sys/firmware/efi/efivars")
      ? ["--write-efi-boot-entries: this machine was not started by UEFI firmware, so it has no boot entries"]
      : []),
    ...(isJson(request.settings) ? [] : ["--system-config: is no JSON object"]),
  ];
  if (faults.length === 0) return;
  throw new MkimageError("BAD_REQUEST", faults.length === 1 ? (faults[0] ?? "") : `${faults.length} faults`, {
    details: faults.length === 1 ? [] : faults,
    hint: "mkimage install --help lists the options; nothing was changed",
  });
}

function isJson(text: string | undefined): boolean {
  if (text === undefined) return true;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
