import type { CommandStep } from "../../../steps/step.ts";
import { type Bytes, formatSize } from "../../../base/units.ts";
import type { ChangePlace, Comparison, InsidePair, PartDifference, UnitPair } from "../../changes/type-changes.ts";
import { changeVolume } from "./change-volume.ts";
import { logicalExtents, takenExtents } from "./extents.ts";
import { carriedBy, extraVolume } from "./extra-volume.ts";
import { extentsOf } from "./group-extents.ts";
import { matchVolumes, type WantedVolume } from "./match-volumes.ts";
import type { LogicalVolumeNode, LvmVgNode } from "./schema.ts";
import { volumeStep } from "./steps.ts";
import { isShare, type Room, takesRest, targetOf } from "./volume-size.ts";

/** Compares the volumes of a group: those that go make room first, those that take the rest come last. */
export function compareVolumes(pair: UnitPair<LvmVgNode>): Required<Pick<Comparison, "parts" | "inside" | "after">> {
  const volumes = matchVolumes(pair);
  const isMeant = (key: string) =>
    volumes.some(({ there, doubtful }) => there?.key === key || doubtful.some((one) => one.key === key));
  const extra = Object.entries(pair.found.lvs)
    .filter(([key]) => !isMeant(key))
    .toSorted(([a], [b]) => carriedBy(a, pair).length - carriedBy(b, pair).length);
  const { size, total, used } = extentsOf(pair);
  const room: Room = { free: total - used, extentSize: size };
  const removed = extra.map(([key, node]) => extraVolume(key, node, room, pair));
  const order = [...volumes].toSorted((a, b) => turnOf(a, size) - turnOf(b, size));
  const compared = order.map((volume) => compareVolume(volume, room, pair));
  return {
    parts: [...removed, ...compared.map(({ part }) => part)],
    inside: compared.flatMap(({ inside }) => inside),
    after: { size: total * size, used: (total - room.free) * size },
  };
}

/** Those that grow into the rest come last, whatever is made comes before them. */
function turnOf({ node, there }: WantedVolume, extentSize: Bytes): number {
  if (takesRest(node)) return 3;
  if (there === undefined) return 2;
  return isShare(node) || targetOf(node, extentSize) <= there.size ? 0 : 1;
}

/** A volume, and what lies on it. */
export interface ComparedVolume {
  readonly part: PartDifference;
  readonly inside: readonly InsidePair[];
}

function compareVolume(volume: WantedVolume, room: Room, pair: UnitPair<LvmVgNode>): ComparedVolume {
  if (volume.doubtful.length > 0) return doubtVolume(volume, pair);
  return volume.there === undefined ? makeVolume(volume, room, pair) : changeVolume(volume, volume.there, room, pair);
}

function doubtVolume(
  { key, name, doubtful }: WantedVolume,
  { path, name: group }: UnitPair<LvmVgNode>,
): ComparedVolume {
  const names = doubtful.map((one) => one.name).join(" or ");
  const refusal = `it could be ${names}: names and what is in the volumes say different things; give its content the uuid of the one that is meant, and that volume its name`;
  return { part: { ...partOf(path, key, group, name), state: "unknown", properties: [], refusal }, inside: [] };
}

function partOf(path: string, key: string, group: string, name: string) {
  return { path: `${path}.lvs.${key}`, what: `volume ${group}/${name}`, device: `/dev/${group}/${name}` };
}

function makeVolume({ key, name, node }: WantedVolume, room: Room, pair: UnitPair<LvmVgNode>): ComparedVolume {
  const { path, what, device } = partOf(pair.path, key, pair.name, name);
  const { extentSize } = room;
  const extents = isShare(node)
    ? logicalExtents(node, room.free, extentSize)
    : Math.ceil(targetOf(node, extentSize) / extentSize);
  const needed = takenExtents(node, extents, extentSize);
  const fault = (pair.facts?.others ?? []).includes(name)
    ? "a volume that no tree has a word for has its name"
    : needed > room.free || extents === 0
      ? `there is no room for it: ${formatSize(needed * extentSize)} are needed, and ${formatSize(Math.max(room.free, 0) * extentSize)} are free`
      : undefined;
  if (fault !== undefined)
    return { part: { path, what, device, state: "in the way", properties: [], refusal: fault }, inside: [] };
  room.free -= needed;
  const after = extents * extentSize;
  const make = ({ context }: ChangePlace) => [wiped(volumeStep(node, pair.name, path, context), node, device)];
  const inside = {
    path: `${path}.content`,
    foundPath: undefined,
    wanted: node.content,
    found: null,
    device,
    before: 0,
    after,
  };
  const part = { path, what, device, state: "missing", properties: [], after } as const;
  return { part: { ...part, steps: { grow: make } }, inside: [inside] };
}

/** Extents keep what was on them before; who is ended before the filesystem is made would find that. Thin ones have none yet. */
function wiped(made: CommandStep, { lvm_type }: LogicalVolumeNode, device: string): CommandStep {
  if (lvm_type === "thinlv" || lvm_type === "thin-pool") return made;
  return { ...made, commands: [...made.commands, { argv: ["wipe_disk", device] }] };
}
