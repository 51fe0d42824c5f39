import { alignColumns } from "../../base/align-columns.ts";
import { type TreeDifference, type NodeDifference } from "../../devices/changes/difference.ts";
import { layoutOfFound } from "../../devices/changes/layout-of-found.ts";
import type { FoundDisks } from "../../devices/found.ts";
import type { Layout } from "../../layout/layout.ts";
import type { PictureStyle } from "./picture/cell.ts";
import { pictureOfDisk, picturesOfGroups } from "./picture/cells.ts";
import { drawPicture } from "./picture/draw.ts";

/** A difference as plain data: what `mkimage disko --mode diff --json` prints. */
export function differenceFacts({ nodes, steps }: TreeDifference) {
  return {
    version: 1,
    same: nodes.every(isSame),
    nodes,
    steps: steps.map(({ path, title }) => ({ path, title })),
  };
}

/** Whether nothing is to be done about a node. */
function isSame({ state, change, refusal }: NodeDifference): boolean {
  return (state === "same" || state === "extra" || state === "unknown") && change === "none" && refusal === undefined;
}

/** A difference for people. */
interface DescribedDifference {
  /** Pictures before and after, as a terminal shows them. */
  readonly pictures: readonly string[];
  /** A table of the nodes that differ, with names as the disks have them. */
  readonly lines: readonly string[];
}

/** Describes a difference for people. Pure. */
export function describeDifference(
  found: FoundDisks,
  difference: TreeDifference,
  style: PictureStyle,
): DescribedDifference {
  const { nodes, after } = difference;
  const shown = nodes.filter(({ state }) => state !== "same");
  const isAlike = nodes.every(isSame);
  return {
    pictures: isAlike
      ? pictures("", layoutOfFound(found), style)
      : [...pictures("before: ", layoutOfFound(found), style), ...pictures("after: ", layoutOfFound(after), style)],
    lines: [
      ...(shown.length === 0 ? [] : alignColumns([["node", "is", "change", "", ""], ...shown.map(row)])),
      ...(isAlike ? ["the disks are as the tree says; there is nothing to do"] : []),
      ...nodes.flatMap(refusalLines),
    ],
  };
}

function pictures(before: string, layout: Layout, style: PictureStyle): string[] {
  const all = [...layout.disks.map((disk) => pictureOfDisk(disk, layout)), ...picturesOfGroups(layout)];
  return all.flatMap((picture) => [...drawPicture({ ...picture, title: `${before}${picture.title}` }, style), ""]);
}

function row({ path, what, state, change, properties, loses }: NodeDifference): string[] {
  const differs = properties.map(({ name, from, to }) => `${name} from ${from || "nothing"} to ${to || "nothing"}`);
  const lost = loses.length === 0 ? [] : [`lost: ${loses.join(", ")}`];
  return [path, state, change, what, [...differs, ...lost].join("; ")];
}

function refusalLines({ path, refusal }: NodeDifference): string[] {
  return refusal === undefined ? [] : [`refused: ${path}: ${refusal}`];
}
