import { type Bytes, MiB, type Sectors } from "../../../base/units.ts";
import { lengthOf } from "../../../layout/span.ts";
import type { BlockFacts } from "../../found/facts.ts";
import type { FoundPlace, TreeReader } from "../../found/reading.ts";
import { sizeText } from "../../found/size-text.ts";
import type { ReadPartition } from "./found-partition.ts";
import { type GptWish, placeGpt, usableSpan } from "./place.ts";
import { type GptWishText, gptWish } from "./wish.ts";

/** Sizes where the partitions then come to lie where they are, and sectors elsewhere. */
export function placeTexts(
  partitions: readonly ReadPartition[],
  { size, sectorSize }: BlockFacts,
  { path }: FoundPlace,
  reader: TreeReader,
): Partial<GptWishText>[] {
  const usable = usableSpan(Math.floor(size / sectorSize), sectorSize, partitions.length);
  const wishes: GptWish[] = [];
  return partitions.map(({ key, facts }, index) => {
    const exact = { start: `${facts.first}s`, end: `${facts.last}s` };
    const isLast = index === partitions.length - 1;
    const candidates: Partial<GptWishText>[] = [
      ...(isLast ? [{ size: "100%" }] : []),
      { size: lengthText(lengthOf(facts), sectorSize) },
      exact,
    ];
    const wishOf = (extent: Partial<GptWishText>) => gptWish(key, { ...noExtent, ...extent }, sectorSize);
    const fits = (extent: Partial<GptWishText>) => {
      const span = placeGpt([...wishes, wishOf(extent)], usable).spans?.at(-1);
      return span?.first === facts.first && span.last === facts.last;
    };
    const chosen = candidates.find(fits) ?? exact;
    wishes.push(wishOf(chosen));
    const { fault } = placeGpt(wishes, usable);
    if (fault !== undefined) reader.note(path, fault);
    return chosen;
  });
}

const noExtent: GptWishText = { start: "0", end: null, size: null, alignment: 0, min: null, max: null };

function lengthText(sectors: Sectors, sectorSize: Bytes): string {
  const bytes = sectors * sectorSize;
  return bytes % MiB === 0 ? sizeText(bytes) : `${sectors}s`;
}
