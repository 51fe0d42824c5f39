import { type Bytes, formatSize } from "../../../base/units.ts";
import { type Step, step } from "../../../steps/step.ts";
import { type Property } from "../../changes/difference.ts";
import type {
  ChangePlace,
  Comparison,
  InsidePair,
  MemberPair,
  PartDifference,
  UnitChanges,
  UnitPair,
} from "../../changes/type-changes.ts";
import { extentSize, logicalExtents, physicalVolumeHeader, takenExtents } from "./extents.ts";
import { fixedVolumeSize } from "./layout.ts";
import { orderedVolumes } from "./order.ts";
import type { LogicalVolumeNode, LvmVgNode } from "./schema.ts";
import { volumeStep } from "./steps.ts";

/** A volume group gets members and volumes, and its volumes other sizes and names. */
export const lvmVgChanges: UnitChanges<LvmVgNode> = { compare, empty: (node) => ({ ...node, lvs: {} }) };

function compare(pair: UnitPair<LvmVgNode>): Comparison {
  const { name, foundName, path, members, facts } = pair;
  const strangers = members.filter(({ group }) => group !== undefined && group !== foundName);
  const added = members.filter(({ group }) => group === undefined);
  const kept = members.filter(({ group }) => group !== undefined);
  const behind: Property[] = isBehind(pair)
    ? [{ name: "size", from: "less than its members", to: "its members", change: "growing" }]
    : [];
  const lacking = facts?.missing ?? 0;
  const refusals = [
    ...strangers.map((member) => `${member.device} belongs to ${member.group}`),
    ...(lacking > 0 ? [`${lacking} of its physical volumes are missing`] : []),
  ];
  const { parts, inside, after } = compareVolumes(pair);
  const renamed: Property[] = name === foundName ? [] : [{ name: "name", from: foundName, to: name, change: "free" }];
  const extended: Property[] = added.map(({ device }) => ({
    name: "members",
    from: "",
    to: device,
    change: "additive",
  }));
  return {
    properties: [...renamed, ...behind, ...extended],
    ...(refusals.length === 0 ? {} : { refusal: refusals.join("; ") }),
    steps: {
      ...(name === foundName
        ? {}
        : {
            rename: () => [
              step(
                path,
                `rename volume group ${foundName} to ${name}`,
                [isGroup(foundName)],
                ["vgrename", foundName, name],
              ),
            ],
          }),
      grow: ({ located }) => [
        ...(isBehind(pair) ? kept.map((member) => resize(member.path, located(member.path).device)) : []),
        ...added.flatMap((member) => extend(name, member.path, located(member.path).device)),
      ],
    },
    parts,
    inside,
    after,
  };
}

function isGroup(name: string) {
  return { kind: "succeeds", argv: ["vgs", name] } as const;
}

function resize(path: string, device: string): Step {
  return step(path, `grow the physical volume on ${device}`, [], ["pvresize", device]);
}

/** A device that is a physical volume already is in the group, or is added to it. */
function extend(name: string, path: string, device: string): Step[] {
  return [
    step(path, `make ${device} a physical volume`, [{ kind: "is empty", device }], ["pvcreate", "--yes", device]),
    step(
      path,
      `add ${device} to volume group ${name}`,
      [{ kind: "prints nothing", argv: ["volume_group_of", device] }],
      ["vgextend", name, device],
    ),
  ];
}

/** One volume of the tree, with what is there of it. */
interface Volume {
  readonly key: string;
  readonly name: string;
  readonly node: LogicalVolumeNode;
  readonly there:
    | { readonly key: string; readonly name: string; readonly node: LogicalVolumeNode; readonly size: Bytes }
    | undefined;
}

/** The extents that are left while volumes get their sizes in turn. */
interface Room {
  free: number;
}

function compareVolumes(pair: UnitPair<LvmVgNode>): Required<Pick<Comparison, "parts" | "inside" | "after">> {
  const volumes = matchVolumes(pair);
  const extra = Object.entries(pair.found.lvs).filter(([key]) => !volumes.some(({ there }) => there?.key === key));
  const { total, used } = extentsOf(pair);
  const room: Room = { free: total - used };
  const removed = extra.map(([key, node]) => extraVolume(key, node, room, pair));
  const order = [...volumes].toSorted((a, b) => turnOf(a) - turnOf(b));
  const compared = order.map((volume) => compareVolume(volume, room, pair));
  return {
    parts: [...removed, ...compared.map(({ part }) => part)],
    inside: compared.flatMap(({ inside }) => inside),
    after: { size: total * extentSize, used: (total - room.free) * extentSize },
  };
}

/** Those that grow into the rest come last, whatever is made comes before them. */
function turnOf({ node, there }: Volume): number {
  if (takesRest(node)) return 3;
  if (there === undefined) return 2;
  return isShare(node) || targetOf(node) <= there.size ? 0 : 1;
}

function isShare({ size }: LogicalVolumeNode): boolean {
  return size.includes("%");
}

function takesRest({ size, lvm_type }: LogicalVolumeNode): boolean {
  return lvm_type !== "thinlv" && /^100%(FREE)?$/.test(size);
}

function targetOf(node: LogicalVolumeNode): Bytes {
  return Math.ceil(fixedVolumeSize(node) / extentSize) * extentSize;
}

function matchVolumes({ wanted, found, factsIn, isKnown }: UnitPair<LvmVgNode>): Volume[] {
  const left = new Map(Object.entries(found.lvs));
  const take = (key: string) => {
    const node = left.get(key);
    left.delete(key);
    return node === undefined
      ? undefined
      : { key, name: node.name ?? key, node, size: factsIn(`.lvs.${key}`)?.size ?? 0 };
  };
  const own = orderedVolumes(wanted).map(([key, node]) => ({ key, node, name: node.name ?? key }));
  const byName = own.map((volume) => {
    const there = [...left].find(([key, node]) => (node.name ?? key) === volume.name)?.[0];
    return { ...volume, there: there === undefined ? undefined : take(there) };
  });
  return byName.map((volume) => {
    if (volume.there !== undefined) return volume;
    const known = [...left].filter(([key, node]) => isKnown(volume.node.content, `.lvs.${key}.content`, node.content));
    return { ...volume, there: known.length === 1 && known[0] !== undefined ? take(known[0][0]) : undefined };
  });
}

/** All extents, once the members have their sizes, and those that volumes take. */
function extentsOf(pair: UnitPair<LvmVgNode>): { total: number; used: number } {
  const { facts, found, factsIn } = pair;
  const used =
    facts?.used === undefined
      ? Object.entries(found.lvs).reduce((sum, [key, node]) => sum + taken(node, factsIn(`.lvs.${key}`)?.size ?? 0), 0)
      : Math.ceil(facts.used / extentSize);
  const gained = memberExtents(pair, ({ after }) => after) - memberExtents(pair, ({ before }) => before);
  const isWhole = facts === undefined || isBehind(pair);
  const total = isWhole ? memberExtents(pair, ({ after }) => after) : Math.floor(facts.size / extentSize) + gained;
  return { total, used };
}

/** The extents of all members that are in the group, or of all that will be, by their sizes. */
function memberExtents({ members }: UnitPair<LvmVgNode>, sizeOf: (member: MemberPair) => Bytes): number {
  const extents = (size: Bytes) => Math.max(0, Math.floor((size - physicalVolumeHeader) / extentSize));
  return members.reduce((sum, member) => sum + extents(sizeOf(member)), 0);
}

/** A device below it may have grown before, and nobody has told its physical volume. Alignment takes less than two extents. */
function isBehind(pair: UnitPair<LvmVgNode>): boolean {
  const { facts, members } = pair;
  if (facts === undefined || (facts.missing ?? 0) > 0) return false;
  const there = memberExtents(pair, ({ before }) => before);
  return there - Math.floor(facts.size / extentSize) >= 2 * members.length;
}

function taken(node: LogicalVolumeNode, size: Bytes): number {
  return takenExtents(node, Math.ceil(size / extentSize));
}

function compareVolume(
  volume: Volume,
  room: Room,
  pair: UnitPair<LvmVgNode>,
): { part: PartDifference; inside: InsidePair[] } {
  return volume.there === undefined ? makeVolume(volume, room, pair) : changeVolume(volume, volume.there, room, pair);
}

function makeVolume(
  { key, name, node }: Volume,
  room: Room,
  pair: UnitPair<LvmVgNode>,
): { part: PartDifference; inside: InsidePair[] } {
  const path = `${pair.path}.lvs.${key}`;
  const device = `/dev/${pair.name}/${name}`;
  const extents = isShare(node) ? logicalExtents(node, room.free) : Math.ceil(targetOf(node) / extentSize);
  const needed = takenExtents(node, extents);
  const what = `volume ${pair.name}/${name}`;
  if (needed > room.free || extents === 0) {
    const lacking = `${formatSize(needed * extentSize)} are needed, and ${formatSize(Math.max(room.free, 0) * extentSize)} are free`;
    return {
      part: { path, what, device, state: "in the way", properties: [], refusal: `there is no room for it: ${lacking}` },
      inside: [],
    };
  }
  room.free -= needed;
  const after = extents * extentSize;
  const make = ({ context }: ChangePlace) => [volumeStep(key, node, pair.name, path, context)];
  const inside = {
    path: `${path}.content`,
    foundPath: undefined,
    wanted: node.content,
    found: null,
    device,
    before: 0,
    after,
  };
  return {
    part: { path, what, device, state: "missing", properties: [], after, steps: { grow: make } },
    inside: [inside],
  };
}

function changeVolume(
  { key, name, node }: Volume,
  there: NonNullable<Volume["there"]>,
  room: Room,
  pair: UnitPair<LvmVgNode>,
): { part: PartDifference; inside: InsidePair[] } {
  const path = `${pair.path}.lvs.${key}`;
  const foundPath = `${pair.foundPath}.lvs.${there.key}`;
  const device = `/dev/${pair.name}/${name}`;
  const after = sizeAfter(node, there.size, room);
  const before = there.size;
  const needed = taken(node, after) - taken(node, before);
  const faults = [
    ...(needed > Math.max(room.free, 0)
      ? [`it cannot grow: ${formatSize((needed - Math.max(room.free, 0)) * extentSize)} are missing in ${pair.name}`]
      : []),
    ...(there.node.lvm_type === node.lvm_type
      ? []
      : [`it is ${there.node.lvm_type ?? "linear"}, and does not become ${node.lvm_type ?? "linear"}`]),
  ];
  if (faults.length === 0) room.free -= needed;
  const properties: Property[] = [
    ...(before === after
      ? []
      : [
          {
            name: "size",
            from: formatSize(before),
            to: formatSize(after),
            change: after > before ? "growing" : "shrinking",
          } as const,
        ]),
    ...(there.name === name ? [] : [{ name: "name", from: there.name, to: name, change: "free" } as const]),
  ];
  const state = properties.length === 0 && faults.length === 0 ? "same" : "different";
  const rename = step(
    path,
    `rename volume ${there.name} to ${name}`,
    [{ kind: "succeeds", argv: ["lvs", `${pair.name}/${there.name}`] }],
    ["lvrename", pair.name, there.name, name],
  );
  const steps = {
    ...(there.name === name ? {} : { rename: () => [rename] }),
    ...(after > before ? { grow: () => [growStep(path, `${pair.name}/${name}`, node, after, pair.name)] } : {}),
    ...(after < before ? { shrink: () => [reduceStep(path, `${pair.name}/${name}`, after)] } : {}),
  };
  const part = {
    path,
    foundPath,
    what: `volume ${pair.name}/${name}`,
    device,
    state,
    properties,
    before,
    after,
    steps,
  } as const;
  const inside = {
    path: `${path}.content`,
    foundPath: `${foundPath}.content`,
    wanted: node.content,
    found: there.node.content,
    device,
    before,
    after,
  };
  return { part: faults.length === 0 ? part : { ...part, refusal: faults.join("; ") }, inside: [inside] };
}

/** A share was of what was free when the volume was made; who takes all of the rest takes what there is more of it now. */
function sizeAfter(node: LogicalVolumeNode, before: Bytes, room: Room): Bytes {
  if (takesRest(node)) {
    // What metadata takes is not known to the last extent.
    if (room.free < 2) return before;
    return logicalExtents(node, taken(node, before) + room.free) * extentSize;
  }
  return isShare(node) ? before : targetOf(node);
}

function growStep(path: string, volume: string, node: LogicalVolumeNode, after: Bytes, group: string): Step {
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

function reduceStep(path: string, volume: string, after: Bytes): Step {
  return step(
    path,
    `make volume ${volume} as small as ${formatSize(after)}`,
    [{ kind: "holds", argv: ["volume_is_above", volume, `${after}`] }],
    ["lvreduce", "--yes", "--force", "--size", `${after}b`, volume],
  );
}

/** A volume that is not in the tree stays, unless it is named. */
function extraVolume(key: string, node: LogicalVolumeNode, room: Room, pair: UnitPair<LvmVgNode>): PartDifference {
  const name = node.name ?? key;
  const path = `${pair.path}.lvs.${key}`;
  const facts = pair.factsIn(`.lvs.${key}`);
  const size = facts?.size ?? 0;
  const device = `/dev/${pair.name}/${name}`;
  const common = {
    path,
    foundPath: `${pair.foundPath}.lvs.${key}`,
    what: `volume ${pair.name}/${name}`,
    device,
    state: "extra",
    properties: [],
    before: size,
  } as const;
  if (!pair.destroys(path)) return { ...common, after: size };
  const uses = pair.usesIn(`.lvs.${key}`);
  const loses = [`volume ${pair.name}/${name} of ${formatSize(size)}`];
  if (uses.length > 0) return { ...common, after: size, loses, refusal: `it is in use: ${uses.join(", ")}` };
  room.free += taken(node, size);
  const isThere = { kind: "succeeds", argv: ["lvs", `${pair.name}/${name}`] } as const;
  const remove = step(
    path,
    `remove volume ${pair.name}/${name}`,
    [isThere],
    ["lvremove", "--yes", `${pair.name}/${name}`],
  );
  return { ...common, loses, steps: { remove: () => [remove] } };
}
