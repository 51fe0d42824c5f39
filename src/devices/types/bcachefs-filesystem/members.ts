import type { BcachefsNode } from "../bcachefs/schema.ts";
import { MkimageError } from "../../../base/errors.ts";
import type { Member } from "../../tree/members.ts";
import { splitWords } from "../../../base/split-words.ts";

/**
 * The members of a filesystem for `bcachefs format`, each behind its own options. What is said of one device holds for every
 * device that follows, unless it is said again: so those come first that say less.
 *
 * Source: bcachefs(8), "Device specific options must come before corresponding devices".
 *
 * @throws MkimageError BAD_REQUEST when no order gives each member its own options alone.
 */
export function memberWords(path: string, members: readonly Member[]): string[] {
  const ordered = members.flatMap(optioned).toSorted((a, b) => a.options.size - b.options.size);
  for (const [index, { options, device }] of ordered.entries()) {
    const before = ordered.slice(0, index);
    const [taken, from] =
      before
        .flatMap((one) => [...one.options].map((name) => [name, one.device] as const))
        .find(([name]) => !options.has(name)) ?? [];
    if (taken !== undefined) throw inherited(path, device, taken, from ?? "");
  }
  return ordered.flatMap(({ words, device }) => [...words, device]);
}

interface Optioned {
  readonly device: string;
  readonly words: readonly string[];
  /** The options among its words: `--label`. */
  readonly options: ReadonlySet<string>;
}

function optioned({ located: { node, device } }: Member): Optioned[] {
  return node.type === "bcachefs" ? [withOptions(node, device)] : [];
}

function withOptions({ label, extraFormatArgs }: BcachefsNode, device: string): Optioned {
  const words = [...splitWords(extraFormatArgs), ...(label === "" ? [] : [`--label=${label}`])];
  const options = words.filter((word) => word.startsWith("-")).map((word) => word.replace(/=[^]*$/, ""));
  return { device, words, options: new Set(options) };
}

function inherited(path: string, device: string, option: string, from: string): MkimageError {
  return new MkimageError("BAD_REQUEST", `${path}: bcachefs would give ${option} of ${from} to ${device} as well`, {
    hint: `say ${option} for both members: what one has, every member that comes later has too`,
  });
}
