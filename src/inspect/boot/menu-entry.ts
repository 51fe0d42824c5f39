import type { BootEntryFacts } from "../facts.ts";
import { byteString } from "../../base/byte-string.ts";
import { printable } from "../printable.ts";
import { type BootVolume, findFile } from "./locate.ts";

/** A file that a menu names, and where its loader looks for it; `null` where that is only known when it runs. */
export interface NamedFile {
  readonly path: string;
  readonly volume: BootVolume | null;
}

/** One entry of a boot menu, as its configuration says it. */
export interface MenuEntry {
  readonly title: string;
  readonly source: string;
  readonly isDefault: boolean;
  readonly kernel: NamedFile | null;
  readonly initrd: readonly NamedFile[];
  readonly options: string;
}

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
