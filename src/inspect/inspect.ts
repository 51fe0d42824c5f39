import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { reportName } from "../pipeline/publish/output-folder.ts";
import { readBoot } from "./boot/read-boot.ts";
import { readClosure } from "./closure.ts";
import { diskFacts } from "./describe-disk.ts";
import type { ClosureFacts, InspectFacts } from "./facts.ts";
import { findStore, type FoundStore } from "./nix-store.ts";
import { openImage, type OpenOptions } from "../image/reading/open-image.ts";
import { readDisk, type ReadDisk } from "./read-disk.ts";
import { growthOf } from "./system-growth.ts";

/** Opens the disks of one machine, gives them to `use`, and closes them. */
export async function withDisks<Result>(
  names: readonly string[],
  options: OpenOptions,
  use: (disks: readonly ReadDisk[]) => Promise<Result>,
): Promise<Result> {
  using stack = new DisposableStack();
  const disks: ReadDisk[] = [];
  for (const name of names) disks.push(await readDisk(stack.use(await openImage(name, options)), options.signal));
  return await use(disks);
}

/**
 * Inspects images that are the disks of one machine. Damage is among the facts.
 *
 * @throws MkimageError as `openImage` does.
 */
export async function inspect(names: readonly string[], options: OpenOptions): Promise<InspectFacts> {
  return await withDisks(names, options, (disks) => factsOf(disks, options.signal));
}

/** Gathers the facts of disks that were read. */
export async function factsOf(disks: readonly ReadDisk[], signal?: AbortSignal): Promise<InspectFacts> {
  const { firmware, loaders, entries } = readBoot(disks);
  const found = storeOf(disks);
  return {
    version: 1,
    disks: disks.map(diskFacts),
    boot: { firmware, loaders, entries },
    grows: found === undefined ? null : await growthOf(found, entries, signal),
    closure: await closureOf(disks, signal),
    build: readBuildReport(disks),
  };
}

/** Reads the closure in the store of the first filesystem that has one. */
export async function closureOf(disks: readonly ReadDisk[], signal?: AbortSignal): Promise<ClosureFacts | null> {
  const found = storeOf(disks);
  return found === undefined ? null : await readClosure(found, signal);
}

/** The store of the first filesystem that has one. */
export function storeOf(disks: readonly ReadDisk[]): FoundStore | undefined {
  for (const { volumes } of disks) {
    for (const { filesystem } of volumes) {
      const store = filesystem === null ? undefined : findStore(filesystem.root);
      if (store !== undefined) return store;
    }
  }
  return undefined;
}

/** `image.json` beside the first disk. A report that does not list this image says nothing about it. */
export function readBuildReport(disks: readonly ReadDisk[]): InspectFacts["build"] {
  const path = disks[0]?.image.path;
  if (path === undefined) return null;
  try {
    const report = JSON.parse(readFileSync(join(dirname(path), reportName), "utf8")) as {
      readonly files: readonly { readonly name: string }[];
    };
    return report.files.some(({ name }) => name === basename(path)) ? { ...report } : null;
  } catch {
    return null;
  }
}
