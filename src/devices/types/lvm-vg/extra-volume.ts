import { formatSize } from "../../../base/units.ts";
import type { PartDifference, UnitPair } from "../../changes/type-changes.ts";
import { taken } from "./group-extents.ts";
import type { LogicalVolumeNode, LvmVgNode } from "./schema.ts";
import type { Room } from "./volume-size.ts";
import { removeStep } from "./volume-steps.ts";

/** A volume that is not in the tree stays, unless it is named, and nothing stands on it that stays. */
export function extraVolume(
  key: string,
  node: LogicalVolumeNode,
  room: Room,
  pair: UnitPair<LvmVgNode>,
): PartDifference {
  const { name } = node;
  const path = extraPath(key, pair);
  const size = pair.factsIn(`.lvs.${key}`)?.size ?? 0;
  const volume = `${pair.name}/${name}`;
  const common = {
    path,
    foundPath: `${pair.foundPath}.lvs.${key}`,
    what: `volume ${volume}`,
    device: `/dev/${volume}`,
    state: "extra",
    properties: [],
    before: size,
  } as const;
  if (!pair.destroys(path)) return { ...common, after: size };
  const wiping = pair.wiping(`.lvs.${key}`, node.content, common.device);
  const loses = [`volume ${volume} of ${formatSize(size)}`, ...wiping.loses];
  const { doubt } = pair.factsIn(`.lvs.${key}`) ?? {};
  const own = [doubt, wiping.refusal].filter((one) => one !== undefined);
  const refusals = [...carriedFaults(key, pair), ...inactiveFaults(key, node, pair), ...own];
  if (refusals.length > 0) return { ...common, after: size, loses, refusal: refusals.join("; ") };
  room.free += taken(node, size, room.extentSize);
  const isWiped = wiping.loses.length > 0;
  return {
    ...common,
    loses,
    steps: { remove: (at) => [...(isWiped ? wiping.steps(at) : []), removeStep(path, volume)] },
  };
}

/** LVM removes what stands on a volume with it: that is named too, or all stays. */
function carriedFaults(key: string, pair: UnitPair<LvmVgNode>): string[] {
  const carried = carriedBy(key, pair);
  const doomed = Object.entries(pair.found.lvs).flatMap(([other, node]) => (isDoomed(other, pair) ? [node] : []));
  const staying = carried.filter((name) => !doomed.some((node) => node.name === name));
  return staying.length === 0 ? [] : [`${staying.join(", ")} would go with it`];
}

/** The names of the volumes that are made of one: those that are known of it, and those that name it as their pool. */
export function carriedBy(key: string, { factsIn, found }: UnitPair<LvmVgNode>): string[] {
  const own = found.lvs[key]?.name;
  const thin = Object.values(found.lvs).filter(({ lvm_type, pool }) => lvm_type === "thinlv" && pool === own);
  return [...new Set([...(factsIn(`.lvs.${key}`)?.carries ?? []), ...thin.map((one) => one.name)])];
}

function isDoomed(key: string, pair: UnitPair<LvmVgNode>): boolean {
  return pair.destroys(extraPath(key, pair));
}

/** The path of a volume that is not in the tree, as if it were; no other has it. */
function extraPath(key: string, { path, wanted }: UnitPair<LvmVgNode>): string {
  return `${path}.lvs.${key}${wanted.lvs[key] === undefined ? "" : " as it is there"}`;
}

function inactiveFaults(key: string, { lvm_type }: LogicalVolumeNode, { factsIn }: UnitPair<LvmVgNode>): string[] {
  const isActive = lvm_type === "thin-pool" || factsIn(`.lvs.${key}`)?.device !== undefined;
  return isActive ? [] : ["it is not active, so that what is on it is not known: activate it"];
}
