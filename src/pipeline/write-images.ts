import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { blockMapOf } from "../image/bmap.ts";
import type { CacheOptions } from "../image/cluster-cache/cluster-cache.ts";
import { type DiskSource, imageOf } from "../image/disk-source.ts";
import { imageFormats } from "../image/formats/registry.ts";
import { endingOf, writePackaged } from "../image/packings/packaging.ts";
import { storeFolder } from "../nix/store-path.ts";
import type { Blueprint } from "./plan/blueprint.ts";
import { machineOf } from "./plan/machine.ts";
import { packagingOf } from "./plan/packaging-of.ts";
import type { ReadyFile } from "./publish/output-folder.ts";
import type { BuildContext } from "./context.ts";
import { finalDisk } from "./final-disk.ts";
import type { Installed } from "./install.ts";

interface WrittenImages {
  readonly images: readonly ReadyFile[];
  /** Their block maps, where these were asked for. */
  readonly maps: readonly ReadyFile[];
}

/** One file a disk, in the order of the layout. */
export async function writeImages(
  blueprint: Blueprint,
  installed: Installed,
  folder: string,
  context: BuildContext,
): Promise<WrittenImages> {
  const { request, identity } = blueprint;
  const packaging = packagingOf(request);
  const options = {
    ...request,
    ...context,
    identity: { ...identity, time: context.time },
    clusterCache: cacheOptions(blueprint, context),
    machine: machineOf(blueprint),
  };
  const images: ReadyFile[] = [];
  const maps: ReadyFile[] = [];
  for (const [index, layout] of installed.plan.layout.disks.entries()) {
    const path = join(folder, `image.${index}`);
    const disk = await finalDisk(installed, layout, folder);
    const kept = request.bmap ? readableAgain(disk) : disk;
    if (request.bmap) maps.push(await writeBlockMap(kept, `${path}.bmap`, layout.imageName, context));
    await writePackaged(kept, packaging, path, options);
    images.push({ path, name: `${layout.imageName}.${endingOf(packaging)}` });
  }
  return { images, maps };
}

/** Nix says of every store path what is in it. */
function cacheOptions({ source }: Blueprint, { cache }: BuildContext): CacheOptions | undefined {
  if (cache === undefined) return undefined;
  return { folder: cache, trees: { folder: storeFolder, sums: source.storeSums } };
}

/** The extents of an image can be asked for once. */
function readableAgain(disk: DiskSource): DiskSource {
  return "path" in disk ? disk : { size: disk.size, extents: [...disk.extents] };
}

/** By the name that bmaptool looks for, whether the image is compressed or not. Before the image, which may take the disk's file. */
async function writeBlockMap(
  disk: DiskSource,
  path: string,
  imageName: string,
  { reporter, signal }: BuildContext,
): Promise<ReadyFile> {
  const text = await reporter.task("Summing up the image's blocks", (task) =>
    blockMapOf(imageOf(disk), { signal, onProgress: task.progress }),
  );
  writeFileSync(path, text);
  return { path, name: `${imageName}.${imageFormats.raw.ending}.bmap` };
}
