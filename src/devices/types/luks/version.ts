import { splitWords } from "../../../base/split-words.ts";
import type { LuksNode } from "./schema.ts";

/** Whether a container is formatted as LUKS1, whose header has no room for tokens and flags. */
export function isFirstVersion({ extraFormatArgs }: Pick<LuksNode, "extraFormatArgs">): boolean {
  return splitWords(extraFormatArgs).some((word) => word === "luks1" || word.endsWith("=luks1"));
}
