import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { byteString } from "../base/byte-string.ts";
import type { ArchiveEntry } from "./cpio.ts";
import type { ModuleFile } from "./module-files.ts";
import { vmFolder } from "./vm-folder.ts";

/** Modules that are loaded where the kernel has them: character sets of vfat, and randomness from the host. */
export const optionalModules = ["virtio_rng", "nls_cp437", "nls_iso8859-1", "nls_ascii", "nls_utf8"];

interface InitrdParts {
  /** As `staticBusybox` gives it. */
  readonly busybox: Uint8Array;
  /** In the order in which they are to be loaded. */
  readonly modules: readonly ModuleFile[];
  /** The script of `vm/` that the kernel starts. */
  readonly init: "init" | "rescue";
}

/**
 * The initrd of a machine of ours: busybox, `vm/`, and modules. Archives that are appended are unpacked on top of it.
 */
export function initrdEntries({ busybox, modules, init }: InitrdParts): ArchiveEntry[] {
  return [
    { path: "init", type: "symlink", mode: 0o777, bytes: Buffer.from(`vm/${init}`) },
    { path: "bin/busybox", type: "file", mode: 0o755, bytes: busybox },
    ...vmEntries(),
    dataFile("lib/modules/order", Buffer.from(modules.map(({ name }) => `${name}\n`).join(""))),
    ...modules.map(({ name, bytes }) => dataFile(`lib/modules/${name}`, bytes)),
  ];
}

function vmEntries(): ArchiveEntry[] {
  return readdirSync(vmFolder())
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(vmFolder(), name));
      return { path: byteString(`vm/${name}`), type: "file", mode: 0o755, bytes };
    });
}

function dataFile(path: string, bytes: Uint8Array): ArchiveEntry {
  return { path: byteString(path), type: "file", mode: 0o644, bytes };
}
