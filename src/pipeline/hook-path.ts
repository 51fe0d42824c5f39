import { join } from "node:path";
import type { ImageSettings } from "../nix/image-settings.ts";
import type { NixOptions } from "../nix/nix.ts";
import { realise } from "../nix/realise.ts";
import type { Request } from "../request/schema.ts";

/**
 * The folders with the programs that a configuration has for the hook of its images, built; none where no hook will run.
 *
 * @throws MkimageError RESOLVE_FAILED with Nix's own words.
 */
export async function hookPathOf(
  request: Request,
  { dependencies, extraPostVM }: Pick<ImageSettings, "dependencies" | "extraPostVM">,
  options: NixOptions,
): Promise<string[]> {
  const hook = request.given.has("postVm") ? request.postVm : (extraPostVM ?? "");
  if (hook.trim() === "") return [];
  for (const { derivation, path } of dependencies)
    if (derivation !== null) await realise(`building ${path} for the hook`, derivation, options);
  return dependencies.map(({ path }) => join(path, "bin"));
}
