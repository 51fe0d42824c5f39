import { readFileSync, statSync } from "node:fs";
import { join, normalize } from "node:path";
import { byteString } from "../../base/byte-string.ts";
import type { ArchiveEntry } from "../../guest/cpio.ts";
import type { ModuleFile } from "../../guest/module-files.ts";

/**
 * The firmware that modules name, of what a system has: files of its folder, packed or not, as the kernel looks for them.
 *
 * @param folder of the system: `firmware` of its toplevel. Undefined: it has none.
 *
 * Source: Linux, Documentation/driver-api/firmware/fw_search_path.rst; CONFIG_FW_LOADER_COMPRESS.
 */
export function firmwareFiles(modules: readonly ModuleFile[], folder: string | undefined): ArchiveEntry[] {
  if (folder === undefined) return [];
  const names = new Set(modules.flatMap(({ bytes }) => firmwareNames(bytes)));
  return [...names].toSorted().flatMap((name) =>
    ["", ".xz", ".zst"].flatMap((ending): ArchiveEntry[] => {
      const path = join(folder, `${name}${ending}`);
      if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return [];
      return [
        { path: byteString(`lib/firmware/${name}${ending}`), type: "file", mode: 0o644, bytes: readFileSync(path) },
      ];
    }),
  );
}

/** A module describes itself by texts with a zero at their end. Source: modinfo(8); Linux, include/linux/moduleparam.h. */
function firmwareNames(module: Buffer): string[] {
  const names = module.toString("latin1").matchAll(/\0firmware=([^\0]{1,255})(?=\0)/g);
  return [...names].flatMap(([, name = ""]) => (isInside(name) ? name : []));
}

function isInside(name: string): boolean {
  return !name.startsWith("/") && normalize(name) === name && !name.startsWith("..");
}
