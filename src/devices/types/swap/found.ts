import { answerOf, type ContentReading, type FoundPlace, type NodeText, type TreeReader } from "../../found/reading.ts";
import type { BlockFacts } from "../../found/facts.ts";

/** Swap space as it is on a device. */
export const swapReading: ContentReading = {
  fills: ({ mark }) => mark.type === "swap",
  // Its version, and the number of its last page.
  questions: (path) => ({ header: { tool: "od", argv: ["-A", "n", "-t", "u4", "-j", "1024", "-N", "8", path] } }),
  read: readSwap,
};

/** Source: linux/swap.h, union swap_header: both are in the machine's byte order, behind the room for boot code. */
function extentOf(block: BlockFacts): { readonly extent?: number } {
  const [version, lastPage] = (answerOf(block, "header") ?? "").trim().split(/\s+/).map(Number);
  return version === 1 && lastPage !== undefined ? { extent: (lastPage + 1) * pageSize } : {};
}

/** Of all architectures that mkimage makes systems for, as they are configured. */
const pageSize = 4096;

function readSwap(block: BlockFacts, { path }: FoundPlace, reader: TreeReader): NodeText {
  const { label, uuid } = block.mark;
  const use = block.uses.find((one) => one.kind === "swap");
  const options = reader.fstabOf(block).find(({ type }) => type === "swap")?.options ?? [];
  reader.know(path, block, { label: label ?? undefined, uuid: uuid ?? undefined, ...extentOf(block) });
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
