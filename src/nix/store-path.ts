/** Where store paths stand: the only place that NixOS builds for. */
export const storeFolder = "/nix/store";

const storePathPattern = /^\/nix\/store\/[0-9a-z]{32}-[0-9A-Za-z+\-._?=]+/;

/** Whether this is exactly a store path, such as `/nix/store/HASH-NAME`, and nothing inside it. */
export function isStorePath(path: string): boolean {
  return storePathOf(path) === path;
}

/** The store path that this path is or lies in; `undefined` when it lies elsewhere. */
export function storePathOf(path: string): string | undefined {
  const match = storePathPattern.exec(path)?.[0];
  if (match === undefined) return undefined;
  const next = path[match.length];
  return next === undefined || next === "/" ? match : undefined;
}

/** `HASH-NAME` of a store path. */
export function storeName(path: string): string {
  return path.slice(storeFolder.length + 1);
}
