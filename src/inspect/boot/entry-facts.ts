import type { MenuEntry, NamedFile } from "../../bootloaders/menu/menu-entry.ts";
import type { BootEntryFacts } from "../facts.ts";
import { byteString } from "../../base/byte-string.ts";
import { printable } from "../printable.ts";
import { findFile } from "../../bootloaders/menu/boot-volume.ts";

/** An entry as plain data, with what it names and is not there. */
export function entryFacts({ title, source, isDefault, kernel, initrd, options }: MenuEntry): BootEntryFacts {
  const files = kernel === null ? initrd : [kernel, ...initrd];
  return {
    title: printable(title),
    source,
    isDefault,
    kernel: kernel === null ? null : printable(kernel.path),
    initrd: initrd.map(({ path }) => printable(path)),
    options: printable(options),
    missing: files.filter(isMissing).map(({ path }) => printable(path)),
  };
}

function isMissing({ path, volume }: NamedFile): boolean {
  return volume !== null && findFile(volume, byteString(path)) === undefined;
}
