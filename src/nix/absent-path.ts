import { existsSync } from "node:fs";
import { storePathOf } from "./store-path.ts";

/**
 * Advice on a path whose store path is not in this machine's store, though Nix named it; `undefined` where it lies
 * elsewhere or its store path is there. A store path may have been collected as garbage. Where Nix is lazy (`lazy-trees`), a path
 * of a flake that an expression turns into text names a store path that was never made.
 */
export function absentStorePath(path: string): string | undefined {
  const storePath = storePathOf(path);
  if (storePath === undefined || existsSync(storePath)) return undefined;
  const name = storePath.replace(/^.*?-/, "");
  if (name !== "source") return `${storePath} is not in the store: build or fetch it again`;
  return (
    `${storePath} is a flake's source that Nix never copied to the store (lazy-trees): where the configuration turns a path ` +
    'into text, write "${./FILE}" in place of toString ./FILE, or give --option lazy-trees false'
  );
}
