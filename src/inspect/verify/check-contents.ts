import { unknownCode } from "../boot/bios-loader.ts";
import type { ReadBoot } from "../boot/read-boot.ts";
import type { ClosureFacts } from "../facts.ts";
import { formatSize } from "../../base/units.ts";
import type { ReadDisk } from "../read-disk.ts";
import { bootWishes } from "./boot-wishes.ts";
import { type Check, failed, noted, passed } from "./check.ts";
import { lookForWishes } from "./look-for-wishes.ts";
import { volumesOf } from "./volume-of-disk.ts";

const mostDetails = 20;

/** The Nix database against the store that it speaks of. */
export function checkStore(closure: ClosureFacts | null): Check {
  if (closure === null) return noted("store", "there is none");
  const { faults, paths, size, unregistered } = closure;
  if (faults.length > 0) return failed("store", "database and store do not agree", faults.slice(0, mostDetails));
  const more = unregistered.length === 0 ? "" : `, ${unregistered.length} of them not registered`;
  return passed("store", `${paths.length} paths, ${formatSize(size)}${more}`);
}

/** Checks the boot loaders that firmware starts, the files that these load, and the system that the entries name. */
export function checkBootFiles(boot: ReadBoot, disks: readonly ReadDisk[]): Check {
  const { loaders, entries } = boot;
  const { faults, unknown } = lookForWishes(bootWishes(boot), volumesOf(disks));
  const all = [...boot.faults, ...faults];
  if (all.length > 0) return failed("boot files", "something that booting needs is missing", all);
  if (loaders.length === 0) return noted("boot files", "nothing that firmware would start");
  const names = loaders.map(({ name, place }) => `${name} (${place})`).join(", ");
  if (loaders.every(({ name }) => name === unknownCode)) return noted("boot files", names);
  const text = `${names}; ${entries.length} in the menu, with all their files`;
  return passed("boot files", [text, ...unknown].join("; "));
}
