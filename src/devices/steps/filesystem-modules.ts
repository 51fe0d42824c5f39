import { filesystemOf } from "../../filesystems/registry.ts";
import { noFilesystems } from "../../steps/needed-filesystems.ts";
import { isKernelFilesystem } from "../types/nodev/schema.ts";

/** The kernel modules that mounting a filesystem of this format takes. */
export function filesystemModules(format: string): readonly string[] {
  if (isKernelFilesystem(format) || noFilesystems.has(format)) return [];
  const { driver, driverLoads } = filesystemOf(format);
  return driver === null ? [] : [driver, ...driverLoads];
}
