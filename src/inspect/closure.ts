import type { ClosureFacts, StorePathFacts } from "./facts.ts";
import { MkimageError } from "../base/errors.ts";
import { readNixDatabase, type RegisteredPath } from "./nix-database.ts";
import { type FoundStore, storePathSizes, type StoreRoot, storeRoots } from "./nix-store.ts";
import { Turns } from "../image/turns.ts";

/** Reads the paths of a store, their registration in its database, and why each path is there. */
export async function readClosure(store: FoundStore, signal?: AbortSignal): Promise<ClosureFacts> {
  const sizes = storePathSizes(store);
  const roots = storeRoots(store);
  const { registered, faults } = await readRegistered(store, new Turns(signal));
  const paths = [...new Set([...sizes.keys(), ...registered.map(({ path }) => path)])].toSorted();
  const references = new Map(registered.map((each) => [each.path, each.references]));
  const facts = paths.map((path) => ({ path, size: sizes.get(path) ?? 0, references: references.get(path) ?? [] }));
  return {
    size: facts.reduce((sum, { size }) => sum + size, 0),
    roots,
    paths: withReasons(facts, roots),
    unregistered: registered.length === 0 ? [] : [...sizes.keys()].filter((path) => !references.has(path)).toSorted(),
    faults: [...faults, ...missing(sizes, registered), ...lostRoots(sizes, roots)],
  };
}

async function readRegistered(store: FoundStore, turns: Turns) {
  try {
    const path = `${store.base}/var/nix/db/db.sqlite`;
    const registered = await readNixDatabase(store.root, path, turns);
    if (registered !== undefined) return { registered, faults: [] };
    return { registered: [], faults: ["there is no Nix database"] };
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "BAD_IMAGE") throw error;
    return { registered: [], faults: [`the Nix database cannot be read: ${error.message}`] };
  }
}

function missing(sizes: ReadonlyMap<string, number>, registered: readonly RegisteredPath[]): string[] {
  return registered.filter(({ path }) => !sizes.has(path)).map(({ path }) => `${path} is registered and not there`);
}

function lostRoots(sizes: ReadonlyMap<string, number>, roots: readonly StoreRoot[]): string[] {
  return roots
    .filter(({ path }) => !sizes.has(path))
    .map(({ name, path }) => `${name} leads to ${path}, which is not there`);
}

/** A way is shown up to so many steps; no system of anybody's has a longer one. */
const longestWay = 40;
/** All ways together have fewer steps: most paths are near to a root. */
const stepsOfAny = 10_000;
const stepsPerPath = 8;

interface Reason {
  /** The root that keeps it. */
  readonly root: string;
  /** The path that refers to it; `undefined` for the path that the root names. */
  readonly by: string | undefined;
}

/** Adds to each path the shortest way to it from a root; among equally short ones, from the system's profile. Pure. */
export function withReasons(
  paths: readonly Omit<StorePathFacts, "why">[],
  roots: readonly StoreRoot[],
): StorePathFacts[] {
  const byPath = new Map(paths.map((each) => [each.path, each]));
  const reasons = new Map<string, Reason>();
  const waiting: (Reason & { readonly path: string })[] = roots
    .toSorted(systemFirst)
    .map(({ name, path }) => ({ path, root: name, by: undefined }));
  for (let next = 0; next < waiting.length; next += 1) {
    const { path, root, by } = waiting[next] as (typeof waiting)[number];
    const facts = byPath.get(path);
    if (facts === undefined || reasons.has(path)) continue;
    reasons.set(path, { root, by });
    for (const reference of facts.references) {
      if (!reasons.has(reference)) waiting.push({ path: reference, root, by: path });
    }
  }
  let steps = stepsOfAny + stepsPerPath * paths.length;
  return paths.map((each) => {
    const why = wayTo(each.path, reasons, Math.min(longestWay, steps));
    steps -= why.length;
    return { ...each, why };
  });
}

/** From the root on; the steps in the middle of a longer way than any are left out. */
function wayTo(path: string, reasons: ReadonlyMap<string, Reason>, most: number): string[] {
  const first = reasons.get(path);
  if (first === undefined) return [];
  const steps = [path];
  for (let by = first.by; by !== undefined; by = reasons.get(by)?.by) {
    if (steps.length >= most) return [first.root, "…", ...steps.reverse()];
    steps.push(by);
  }
  return [first.root, ...steps.reverse()];
}

function systemFirst(one: StoreRoot, other: StoreRoot): number {
  const rank = ({ name }: StoreRoot): number => (name === "/nix/var/nix/profiles/system" ? 0 : name.length);
  return rank(one) - rank(other);
}
