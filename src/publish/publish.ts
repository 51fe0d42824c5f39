import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { throwIfAborted } from "../image/image.ts";
import { findProducts, writeProducts } from "./hydra-products.ts";
import { placeFiles, type ReadyFile } from "./output-folder.ts";
import { runPostHook } from "./post-hook.ts";
import { writeReport } from "./report.ts";

/** What is ready to be seen. */
export interface Publication {
  /** The output folder. */
  readonly out: string;
  /** The image, under its final name. */
  readonly image: ReadyFile;
  /** Further files, such as the firmware's variables. */
  readonly others: readonly ReadyFile[];
  /** The format in the way Hydra's products name it: `qcow2` gives `qcow2-image`. */
  readonly format: string;
  readonly postHook: string;
  /** What `image.json` says besides the files. */
  readonly facts: object;
  readonly checksum: boolean;
}

/** Where everything ended up. */
export interface Published {
  /** Absolute. */
  readonly folder: string;
  /** Where the image is after the hook, which may have given it another name. */
  readonly image: string;
}

/**
 * Brings finished files into the output folder, runs the post hook, and says what is there. The products file comes last
 * and marks a complete output; after a failure nothing of ours is left.
 *
 * @throws MkimageError HOOK_FAILED, INTERRUPTED.
 */
export async function publish(publication: Publication, signal: AbortSignal): Promise<Published> {
  const { out, image, others, postHook, facts, checksum, format } = publication;
  const placed = placeFiles(out, [image, ...others]);
  try {
    const diskImage = join(placed.path, image.name);
    const { ino } = lstatSync(diskImage);
    await runPostHook(postHook, placed.path, diskImage, signal);
    await writeReport(placed.path, facts, checksum);
    throwIfAborted(signal);
    const products = findProducts(placed.path, nameOf(ino, placed.path) ?? image.name, format);
    writeProducts(placed.path, products);
    return { folder: placed.path, image: products.find(({ type }) => type !== "other")?.path ?? diskImage };
  } catch (error) {
    placed.withdraw();
    throw error;
  }
}

/** The name of a file by its number, which a rename keeps. */
function nameOf(inode: number, folder: string): string | undefined {
  return readdirSync(folder).find((name) => lstatSync(join(folder, name)).ino === inode);
}
