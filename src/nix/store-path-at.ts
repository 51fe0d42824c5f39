import { realpathSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import { absentStorePath } from "./absent-path.ts";
import { storePathOf } from "./store-path.ts";

/**
 * The store path that a path leads to or into.
 *
 * @throws MkimageError BAD_REQUEST when it leads elsewhere, or nowhere.
 */
export function storePathAt(path: string): string {
  try {
    const found = storePathOf(realpathSync(path));
    if (found !== undefined) return found;
  } catch (cause) {
    throw new MkimageError("BAD_REQUEST", `the store path ${path} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: absentStorePath(path) ?? "give a path that is there",
    });
  }
  throw new MkimageError("BAD_REQUEST", `${path} is not in /nix/store`, {
    hint: "add it to the store with `nix store add-path`, or copy it with --contents",
  });
}
