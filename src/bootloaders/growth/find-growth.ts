import { join } from "node:path";
import { localStore, type StoreReader } from "../store-reader.ts";
import type { Growth } from "./finding.ts";
import { decideGrowth, type GrowthFacts } from "./growth.ts";
import { type InitrdOptions, readInitrd } from "./initrd.ts";
import { MiB } from "../../base/units.ts";
import { parseRepart } from "./repart.ts";

/**
 * Finds out from the files of a system whether it grows by itself on a larger disk.
 *
 * @param toplevel the system's store path, read through `store`: this machine's, or that of an image.
 * @throws MkimageError INTERRUPTED.
 */
export async function findGrowth(
  toplevel: string,
  store: StoreReader = localStore,
  options: InitrdOptions = {},
): Promise<Growth> {
  return decideGrowth(await readFacts(toplevel, store, options));
}

/** One that is larger is not looked at in an image of anybody's. */
const largestInitrd = 256 * MiB;

async function readFacts(toplevel: string, store: StoreReader, options: InitrdOptions): Promise<GrowthFacts> {
  const units = join(toplevel, "etc/systemd/system");
  const names = store.list(units);
  const initrd = store.read(join(toplevel, "initrd"), largestInitrd);
  return {
    fstab: store.read(join(toplevel, "etc/fstab"))?.toString("utf8") ?? "",
    units: new Set(names),
    wantedUnits: new Set(names.filter(isDependencies).flatMap((name) => store.list(join(units, name)))),
    repart: readDefinitions(join(toplevel, "etc/repart.d"), store),
    initrd: initrd === undefined ? null : await readInitrd(initrd, options),
  };
}

function isDependencies(name: string): boolean {
  return name.endsWith(".wants") || name.endsWith(".requires");
}

function readDefinitions(folder: string, store: StoreReader) {
  return store
    .list(folder)
    .filter((name) => name.endsWith(".conf"))
    .flatMap((name) => parseRepart(store.read(join(folder, name))?.toString("utf8") ?? "") ?? []);
}
