import { MkimageError } from "../base/errors.ts";
import { findGrowth } from "../bootloaders/growth/find-growth.ts";
import type { Growth } from "../bootloaders/growth/finding.ts";
import { storePathOf } from "../nix/store-path.ts";
import type { BootEntryFacts } from "./facts.ts";
import { imageStore } from "./image-store.ts";
import { type FoundStore, storeRoots } from "./nix-store.ts";

/** Whether the system in an image grows by itself, as its files there say; `null` where none is found or can be read. */
export async function growthOf(
  store: FoundStore,
  entries: readonly BootEntryFacts[],
  signal: AbortSignal | undefined,
): Promise<Growth | null> {
  const toplevel = systemOf(store, entries);
  if (toplevel === undefined) return null;
  try {
    return await findGrowth(toplevel, imageStore(store), { signal });
  } catch (error) {
    if (error instanceof MkimageError && error.code === "BAD_IMAGE") return null;
    throw error;
  }
}

/** The system that the profile names, else the one that is booted unless another is chosen. */
export function systemOf(store: FoundStore, entries: readonly BootEntryFacts[]): string | undefined {
  const profile = storeRoots(store).find(({ name }) => name === "/nix/var/nix/profiles/system");
  if (profile !== undefined) return profile.path;
  const entry = entries.find(({ isDefault }) => isDefault) ?? entries[0];
  return storePathOf(/(?:^|\s)init=(\S+)/.exec(entry?.options ?? "")?.[1] ?? "");
}
