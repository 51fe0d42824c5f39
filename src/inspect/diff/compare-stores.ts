import type { Change, StoreDiff } from "./facts.ts";

/** A store path and the bytes in it. */
export interface SizedPath {
  readonly path: string;
  readonly size: number;
}

/**
 * Which store paths came, went, and took the place of another of the same name: a path that was built again has another
 * hash, an update another version. Pure.
 */
export function compareStores(before: readonly SizedPath[], after: readonly SizedPath[]): StoreDiff {
  const [old, now] = [new Set(before.map(({ path }) => path)), new Set(after.map(({ path }) => path))];
  const gone = byName(before.filter(({ path }) => !now.has(path)));
  const come = byName(after.filter(({ path }) => !old.has(path)));
  const names = [...new Set([...gone.keys(), ...come.keys()])].toSorted();
  return {
    changes: names.flatMap((name) => paired(gone.get(name) ?? [], come.get(name) ?? [])),
    sizes: [sum(before), sum(after)],
  };
}

/** The name of a store path, without hash and version. */
export function packageName(path: string): string {
  return path.replace(/^\/nix\/store\/[0-9a-z]{32}-/, "").replace(/-[0-9][^-]*(?=-|$)/, "");
}

function paired(gone: readonly SizedPath[], come: readonly SizedPath[]): Change[] {
  const length = Math.max(gone.length, come.length);
  return Array.from({ length }, (_, index) => change(gone[index], come[index]));
}

function change(old: SizedPath | undefined, now: SizedPath | undefined): Change {
  const sizes = [old?.size ?? null, now?.size ?? null] as const;
  if (old === undefined) return { kind: "added", name: now?.path ?? "", sizes, what: [] };
  if (now === undefined) return { kind: "removed", name: old.path, sizes, what: [] };
  return { kind: "changed", name: now.path, sizes, what: [`was ${old.path}`] };
}

function byName(paths: readonly SizedPath[]): Map<string, SizedPath[]> {
  return Map.groupBy(paths, ({ path }) => packageName(path));
}

function sum(paths: readonly SizedPath[]): number {
  return paths.reduce((total, { size }) => total + size, 0);
}
