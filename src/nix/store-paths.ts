import { realpathSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import { absentStorePath } from "./absent-path.ts";
import { storePathOf } from "./store-path.ts";

/**
 * The store paths that some paths of this machine lead to: themselves, or through links such as ./result. What is inside a
 * store path stands for the whole of it, which is the least that can be registered.
 *
 * @throws MkimageError BAD_REQUEST listing every path that is not there or leads elsewhere.
 */
export function storePathsAt(paths: readonly string[]): string[] {
  const found = paths.map((path) => ({ path, ...lookUp(path) }));
  const faults = found.filter(({ storePath }) => storePath === undefined).map(({ path, fault }) => `${path}: ${fault}`);
  if (faults.length === 0) return [...new Set(found.map(({ storePath }) => storePath as string))];
  throw new MkimageError("BAD_REQUEST", "some paths are not in the Nix store", {
    details: faults,
    hint: "add a file or folder to the store with `nix-store --add PATH`, and give the path that it prints",
  });
}

function lookUp(path: string): { storePath?: string | undefined; fault?: string } {
  try {
    const real = realpathSync(path);
    return { storePath: storePathOf(real), fault: `it is ${real}, outside /nix/store` };
  } catch {
    return { fault: absentStorePath(path) ?? "it is not there" };
  }
}
