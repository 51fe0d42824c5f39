import { contentsOf } from "../tree/contents.ts";
import type { DeviceTree } from "../device-tree.ts";
import { contentTypeOf } from "../registry.ts";
import { neededSize } from "./content.ts";
import type { Solver } from "./solver.ts";
import { type Bytes, MiB } from "../../base/units.ts";

/**
 * The least size of a device that a filesystem elsewhere takes as one of its own, by naming it in the arguments of mkfs; 0
 * where none does. With a mirror on them each device has to be as large as the filesystem's own.
 *
 * @param names what the device is called: absolute paths.
 */
export function lentNeedOf(names: readonly string[], tree: DeviceTree, solver: Solver): Bytes {
  const needs = contentsOf(tree).map(({ node, path }) => {
    const { layout: rules } = contentTypeOf(node);
    if (rules.kind !== "leaf" || rules.words === undefined) return 0;
    const uses = rules
      .words(node)
      .flatMap((words) => words.split(/\s+/))
      .flatMap((word) => useOf(word, names));
    if (uses.length === 0) return 0;
    return uses.includes("whole") ? neededSize({ node, path, sectorSize: 512 }, null, solver) : journal;
  });
  return Math.max(0, ...needs);
}

/** The room for an external journal or log: by the table of mke2fs(8), enough for a filesystem below 32 GiB. */
const journal: Bytes = 128 * MiB;

/** `-J device=/dev/x` and `-l logdev=/dev/x` take a device for the journal only. */
function useOf(word: string, names: readonly string[]): ("whole" | "journal")[] {
  return word.split(",").flatMap((part): ("whole" | "journal")[] => {
    const [, option, device = ""] = /^(?:(\w+)=)?(\/.*)$/.exec(part) ?? [];
    if (!names.includes(device)) return [];
    return [option === "logdev" || option === "device" ? "journal" : "whole"];
  });
}
