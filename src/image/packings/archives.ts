import type { Archive } from "./archive.ts";
import { googleTar } from "./google-tar.ts";
import { ova } from "./ova.ts";
import { vagrantBox } from "./vagrant-box.ts";
import { vma } from "./vma.ts";

/** Every archive that a disk can be in. */
export const archives = { googleTar, ova, vagrantBox, vma } as const satisfies Readonly<Record<string, Archive>>;

export type ArchiveName = keyof typeof archives;
