import type { ContentReading, FoundPlace, NodeText, TreeReader } from "../../found/reading.ts";
import type { BlockFacts } from "../../found/facts.ts";

/** Swap space as it is on a device. */
export const swapReading: ContentReading = { fills: ({ mark }) => mark.type === "swap", read: readSwap };

function readSwap(block: BlockFacts, { path }: FoundPlace, reader: TreeReader): NodeText {
  const { label, uuid } = block.mark;
  const use = block.uses.find((one) => one.kind === "swap");
  const options = reader.fstabOf(block).find(({ type }) => type === "swap")?.options ?? [];
  reader.know(path, block, { label: label ?? undefined, uuid: uuid ?? undefined });
  return {
    type: "swap",
    ...(label === null ? {} : { label }),
    ...(uuid === null ? {} : { uuid }),
    ...optionTexts(options, use?.priority),
  };
}

/** The options of the node that stand for those of an fstab. What nobody chose the kernel gives: negative priorities. */
function optionTexts(options: readonly string[], used: number | undefined): NodeText {
  const priority = Number(/^pri=(\d+)$/.exec(options.find((one) => one.startsWith("pri=")) ?? "")?.[1] ?? used ?? -1);
  const discard = options.find((one) => /^discard(=|$)/.test(one));
  const others = options.filter((one) => !/^(pri=|discard(=|$)|(defaults|sw)$)/.test(one));
  return {
    ...(priority < 0 ? {} : { priority }),
    ...(discard === undefined ? {} : { discardPolicy: /=(once|pages)$/.exec(discard)?.[1] ?? "both" }),
    ...(others.length === 0 ? {} : { mountOptions: others }),
  };
}
