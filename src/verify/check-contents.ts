import type { ReadBoot } from "../inspect/boot/read-boot.ts";
import type { ClosureFacts } from "../inspect/facts.ts";
import { formatSize } from "../layout/units.ts";
import { type Check, failed, noted, passed } from "./check.ts";

const mostDetails = 20;

/** The Nix database against the store that it speaks of. */
export function checkStore(closure: ClosureFacts | null): Check {
  if (closure === null) return noted("store", "there is none");
  const { faults, paths, size, unregistered } = closure;
  if (faults.length > 0) return failed("store", "database and store do not agree", faults.slice(0, mostDetails));
  const more = unregistered.length === 0 ? "" : `, ${unregistered.length} of them not registered`;
  return passed("store", `${paths.length} paths, ${formatSize(size)}${more}`);
}

/** What firmware starts, and what that then loads. */
export function checkBootFiles({ loaders, entries, faults }: ReadBoot): Check {
  if (faults.length > 0) return failed("boot files", "something that booting needs is missing", faults);
  if (loaders.length === 0) return noted("boot files", "nothing that firmware would start");
  const names = loaders.map(({ name, place }) => `${name} (${place})`).join(", ");
  return passed("boot files", `${names}; ${entries.length} in the menu, with all their files`);
}
