import { formatSize, KiB, MiB } from "../../../base/units.ts";
import { step } from "../../../steps/step.ts";
import type { Comparison, ContentChanges, ContentPair } from "../../changes/type-changes.ts";
import type { SwapNode } from "./schema.ts";

/** Nothing is kept in swap space that is not in use: with another size it is made anew, under its own names. */
export const swapChanges: ContentChanges<SwapNode> = {
  compare,
  leavesNoMark: ({ randomEncryption }) => randomEncryption,
};

function compare({ wanted, path, device, facts, before, after }: ContentPair<SwapNode>): Comparison {
  const { label, uuid } = wanted;
  const isBehind = facts.extent !== undefined && Math.abs(after - facts.extent) >= MiB;
  const resized = before !== after || isBehind;
  const relabelled = label !== null && label !== (facts.label ?? "");
  const named = [
    ...((label ?? facts.label) ? ["-L", label ?? facts.label ?? ""] : []),
    ...((uuid ?? facts.uuid) ? ["-U", uuid ?? facts.uuid ?? ""] : []),
  ];
  const isOther = uuid !== null && facts.uuid !== undefined && uuid.toLowerCase() !== facts.uuid.toLowerCase();
  if (wanted.randomEncryption || !(resized || relabelled || isOther)) return { properties: [] };
  const properties = [
    ...(resized
      ? [
          {
            name: "size",
            from: formatSize(facts.extent ?? before),
            to: formatSize(after),
            change: after < before ? "shrinking" : "growing",
          } as const,
        ]
      : []),
    ...(relabelled ? [{ name: "label", from: facts.label ?? "", to: label, change: "free" } as const] : []),
    ...(isOther ? [{ name: "uuid", from: facts.uuid ?? "", to: uuid, change: "free" } as const] : []),
  ];
  if (facts.usedAt.length > 0) return { properties, refusal: `the kernel swaps to it: swapoff ${device} first` };
  const make = (...size: string[]) => [
    step(path, `make swap space on ${device} anew`, [], ["mkswap", ...named, device, ...size]),
  ];
  // It never ends behind its device, whenever somebody is ended.
  const first = after < before ? { shrink: () => make(`${Math.floor(after / KiB)}`) } : {};
  return { properties, steps: { ...first, adjust: () => make() } };
}
