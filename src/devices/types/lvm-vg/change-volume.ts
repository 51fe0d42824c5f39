import { formatSize } from "../../../base/units.ts";
import { type Property, sizeProperties } from "../../changes/difference.ts";
import type { UnitPair } from "../../changes/type-changes.ts";
import type { ComparedVolume } from "./compare-volumes.ts";
import { taken } from "./group-extents.ts";
import type { FoundVolume, WantedVolume } from "./match-volumes.ts";
import type { LvmVgNode } from "./schema.ts";
import { isLinear, type Room, sizeAfter } from "./volume-size.ts";
import { growStep, reduceStep, renameStep } from "./volume-steps.ts";

/** Compares a volume with the one that is there: its size, its name, and what lies on it. */
export function changeVolume(
  { key, name, node }: WantedVolume,
  there: FoundVolume,
  room: Room,
  pair: UnitPair<LvmVgNode>,
): ComparedVolume {
  const path = `${pair.path}.lvs.${key}`;
  const foundPath = `${pair.foundPath}.lvs.${there.key}`;
  const device = `/dev/${pair.name}/${name}`;
  const volume = `${pair.name}/${name}`;
  const before = there.size;
  const after = sizeAfter(node, before, room);
  const needed = taken(node, after, room.extentSize) - taken(node, before, room.extentSize);
  const faults = [
    ...roomFaults(needed, room, pair),
    ...kindFaults(node, there),
    ...sizeFaults(there, after, pair),
    ...nameFaults(name, there, pair),
  ];
  if (faults.length === 0) room.free -= needed;
  const renamed: Property[] = there.name === name ? [] : [{ name: "name", from: there.name, to: name, change: "free" }];
  const properties = [...sizeProperties(before, after), ...renamed];
  const steps = {
    ...(there.name === name ? {} : { rename: () => [renameStep(path, pair.name, there.name, name)] }),
    ...(after > before ? { grow: () => [growStep(path, volume, node, after, pair.name)] } : {}),
    ...(after < before ? { shrink: () => [reduceStep(path, volume, after)] } : {}),
  };
  const inside = {
    path: `${path}.content`,
    foundPath: `${foundPath}.content`,
    wanted: node.content,
    found: there.node.content,
    device,
    before,
    after,
  };
  return {
    part: {
      path,
      foundPath,
      what: `volume ${volume}`,
      device,
      state: properties.length === 0 && faults.length === 0 ? "same" : "different",
      properties,
      before,
      after,
      steps,
      ...(faults.length === 0 ? {} : { refusal: faults.join("; ") }),
    },
    inside: [inside],
  };
}

function roomFaults(needed: number, { free, extentSize }: Room, { name }: UnitPair<LvmVgNode>): string[] {
  const lacking = needed - Math.max(free, 0);
  return needed > 0 && lacking > 0
    ? [`it cannot grow: ${formatSize(lacking * extentSize)} are missing in ${name}`]
    : [];
}

function kindFaults(node: WantedVolume["node"], { node: other }: FoundVolume): string[] {
  if (other.lvm_type !== node.lvm_type)
    return [`it is ${other.lvm_type ?? "linear"}, and does not become ${node.lvm_type ?? "linear"}`];
  return node.lvm_type === "thinlv" && other.pool !== node.pool
    ? [`it is in the pool ${other.pool}, and does not move to ${node.pool}`]
    : [];
}

/** Only plain and thin volumes get smaller, and none changes its size below a snapshot. */
function sizeFaults({ key, node, size }: FoundVolume, after: number, { factsIn }: UnitPair<LvmVgNode>): string[] {
  if (after === size) return [];
  const carried = node.lvm_type === "thin-pool" ? [] : (factsIn(`.lvs.${key}`)?.carries ?? []);
  // LVM rounds what is striped, and not always up.
  const isPlain = isLinear(node) || node.lvm_type === "thinlv";
  return [
    ...(carried.length > 0 ? [`it keeps its size while ${carried.join(", ")} is made of it`] : []),
    ...(after < size && !isPlain ? [`a volume that is ${node.lvm_type ?? "striped"} is not made smaller`] : []),
  ];
}

function nameFaults(name: string, there: FoundVolume, { found, factsIn, facts }: UnitPair<LvmVgNode>): string[] {
  if (name === there.name) return [];
  const names = [...Object.values(found.lvs).map((one) => one.name), ...(facts?.others ?? [])];
  const carried = factsIn(`.lvs.${there.key}`)?.carries ?? [];
  return [
    ...(names.includes(name) ? [`another volume is called ${name}`] : []),
    ...(carried.length > 0 ? [`it keeps its name while ${carried.join(", ")} is made of it`] : []),
  ];
}
