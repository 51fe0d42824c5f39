import { type Bytes, formatSize } from "../../../base/units.ts";
import { type Step, step } from "../../../steps/step.ts";
import type { LogicalVolumeNode } from "./schema.ts";
import { takesRest } from "./volume-size.ts";

/** Grows a volume to a size, or into all that is left. */
export function growStep(path: string, volume: string, node: LogicalVolumeNode, after: Bytes, group: string): Step {
  const title = `grow volume ${volume}`;
  if (takesRest(node)) {
    return step(
      path,
      title,
      [{ kind: "holds", argv: ["has_free_extents", group] }],
      ["lvextend", "--yes", "--extents", "+100%FREE", volume],
    );
  }
  return step(
    path,
    title,
    [{ kind: "holds", argv: ["volume_is_below", volume, `${after}`] }],
    ["lvextend", "--yes", "--size", `${after}b`, volume],
  );
}

/** Makes a volume smaller: its filesystem already is. */
export function reduceStep(path: string, volume: string, after: Bytes): Step {
  return step(
    path,
    `make volume ${volume} as small as ${formatSize(after)}`,
    [{ kind: "holds", argv: ["volume_is_above", volume, `${after}`] }],
    ["lvreduce", "--yes", "--force", "--size", `${after}b`, volume],
  );
}

/** Gives a volume of a group another name. */
export function renameStep(path: string, group: string, from: string, to: string): Step {
  const isThere = { kind: "succeeds", argv: ["lvs", `${group}/${from}`] } as const;
  return step(path, `rename volume ${from} to ${to}`, [isThere], ["lvrename", group, from, to]);
}

/** Removes a volume, where it is still there. */
export function removeStep(path: string, volume: string): Step {
  const isThere = { kind: "succeeds", argv: ["lvs", volume] } as const;
  return step(path, `remove volume ${volume}`, [isThere], ["lvremove", "--yes", volume]);
}
