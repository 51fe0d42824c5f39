import type { BootVolume } from "./boot-volume.ts";

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
