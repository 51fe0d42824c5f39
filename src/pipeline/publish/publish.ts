import { lstatSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { throwIfAborted } from "../../image/image.ts";
import { makeFolder } from "../../runtime/make-folder.ts";
import type { BuildContext } from "../context.ts";
import { findProducts, writeProducts } from "./hydra-products.ts";
import { imageInfoPath, placeFiles, type ReadyFile } from "./output-folder.ts";
import { type PostHook, runPostHook } from "./post-hook.ts";
import { writeReport } from "./report.ts";

/** The finished files of a build, and how they are published. */
export interface Publication {
  /** The output folder. */
  readonly out: string;
  /** The image of each disk, under its final name. */
  readonly images: readonly ReadyFile[];
  /** Further files, such as the firmware's variables. */
  readonly others: readonly ReadyFile[];
  /** The type of the images among Hydra's products, such as `qcow2-image`. */
  readonly type: string;
  /** The text of `nix-support/image-info.json`, of the path of the image. */
  readonly imageInfo?: ((file: string) => string) | undefined;
  readonly postHook: PostHook;
  /** The content of `image.json` besides the files. */
  readonly facts: object;
  readonly checksum: boolean;
}

/** Where everything ended up. */
export interface Published {
  /** Absolute. */
  readonly folder: string;
  /** Where the images are after the hook, which may have given them other names. */
  readonly images: readonly string[];
}

/**
 * Brings finished files into the output folder, runs the post hook, and says what is there. The products file comes last
 * and marks a complete output; after a failure nothing of ours is left.
 *
 * @throws MkimageError HOOK_FAILED, INTERRUPTED.
 */
export async function publish(publication: Publication, context: BuildContext): Promise<Published> {
  const { out, images, others, postHook, facts, checksum, type, imageInfo } = publication;
  const placed = placeFiles(out, [...images, ...others]);
  try {
    const paths = images.map(({ name }) => join(placed.path, name));
    const numbers = paths.map((path) => lstatSync(path).ino);
    await runPostHook(postHook, placed.path, paths[0] ?? placed.path, context);
    await writeReport(placed.path, facts, checksum);
    throwIfAborted(context.signal);
    const products = findProducts(placed.path, namesOf(numbers, placed.path), type);
    const published = products.filter((product) => product.type === type).map(({ path }) => path);
    if (imageInfo !== undefined) writeImageInfo(placed.path, imageInfo(published[0] ?? placed.path));
    writeProducts(placed.path, products);
    return { folder: placed.path, images: published };
  } catch (error) {
    placed.withdraw();
    throw error;
  }
}

function writeImageInfo(folder: string, text: string): void {
  const path = join(folder, imageInfoPath);
  makeFolder(dirname(path));
  writeFileSync(path, text);
}

/** The names of files by their numbers, which a rename keeps. */
function namesOf(inodes: readonly number[], folder: string): string[] {
  return readdirSync(folder).filter((name) => inodes.includes(lstatSync(join(folder, name)).ino));
}
