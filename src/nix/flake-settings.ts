import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { nix, type NixOptions } from "./nix.ts";

/**
 * Whether a flake may come with settings of its own, `nixConfig`, such as caches to fetch from: Nix heeds them only where the flake itself is
 * what is built. A flake whose text cannot be read may.
 *
 * @throws MkimageError RESOLVE_FAILED with Nix's own words.
 */
export async function mayHaveSettings(flake: string, options: NixOptions): Promise<boolean> {
  const text = await nix(`reading the flake ${flake}`, "flake metadata", ["--json", flake], options);
  const found = metadataSchema.safeParse(JSON.parse(text));
  if (!found.success) return true;
  const { path, locked } = found.data;
  try {
    return readFileSync(join(path, locked.dir ?? "", "flake.nix"), "utf8").includes("nixConfig");
  } catch {
    return true;
  }
}

const metadataSchema = z.object({ path: z.string(), locked: z.object({ dir: z.string().optional() }) });
