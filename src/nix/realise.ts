import { realpathSync } from "node:fs";
import { type NixOptions, nixStore, rootLink } from "./nix.ts";

/**
 * Builds a derivation, and gives the path of its first output.
 *
 * @throws MkimageError RESOLVE_FAILED saying that `purpose` failed, with Nix's own words.
 */
export async function realise(purpose: string, derivation: string, options: NixOptions): Promise<string> {
  const root = rootLink(options);
  const held = root === undefined ? [] : ["--add-root", root, "--indirect"];
  const paths = await nixStore(purpose, ["--realise", derivation, ...held], options);
  return realpathSync(paths.trim().split("\n")[0] ?? "");
}
