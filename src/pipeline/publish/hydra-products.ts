import { readdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "../../runtime/make-folder.ts";
import { productsPath, reportName, supportName, variablesName } from "./output-folder.ts";

/** One line of `hydra-build-products`: kind, subtype and an absolute path. */
interface HydraProduct {
  readonly type: string;
  readonly path: string;
}

/**
 * The products of an output folder as they are after the post hook, which may have renamed images or added files beside
 * them: what stands in for an image has the image's type.
 *
 * @param images the names of the images, as far as they are still there.
 */
export function findProducts(folder: string, images: readonly string[], type: string): HydraProduct[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && ![reportName, variablesName].includes(entry.name))
    .map((entry) => entry.name)
    .sort();
  const present = images.filter((image) => names.includes(image));
  const isImage = (name: string): boolean => present.length === 0 || present.includes(name);
  return names.map((name) => ({ type: isImage(name) ? type : "other", path: join(folder, name) }));
}

/** The text of `hydra-build-products`. Hydra reads quotes, but only where a path needs them. */
export function renderProducts(products: readonly HydraProduct[]): string {
  return products.map(({ type, path }) => `file ${type} ${/\s/.test(path) ? `"${path}"` : path}\n`).join("");
}

/** Writes the products file in one rename: its presence marks a complete output. */
export function writeProducts(folder: string, products: readonly HydraProduct[]): void {
  const path = join(folder, productsPath);
  makeFolder(dirname(path));
  const hidden = join(folder, supportName, ".hydra-build-products");
  writeFileSync(hidden, renderProducts(products));
  renameSync(hidden, path);
}
