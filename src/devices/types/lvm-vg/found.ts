import type { Bytes } from "../../../base/units.ts";
import { volumeOf } from "../../found/mapped-names.ts";
import { keyFor, nameBeside } from "../../found/keys.ts";
import { answerOf, type FoundGroup, type NodeText, type TreeReader, type UnitReading } from "../../found/reading.ts";
import { sizeText } from "../../found/size-text.ts";
import { usualExtentSize } from "./extents.ts";
import { type LvmSection, listIn, numberIn, parseLvmText, sectionsIn, textIn } from "./metadata-text.ts";
import { type SegmentText, segmentText } from "./segments.ts";
import { takenOf, type VolumesOn, volumesOn } from "./volumes-on.ts";

/** A volume group as it is, by the metadata that is on its members. */
export const lvmVgReading: UnitReading = { read: readVolumeGroup };

function readVolumeGroup(found: FoundGroup, reader: TreeReader): NodeText {
  const group = newestText(found);
  const extent = numberIn(group, "extent_size") * 512;
  if (extent !== usualExtentSize)
    reader.note(found.path, `its extents have ${extent} bytes; a tree makes them of ${usualExtentSize}`);
  const missing = noteMissing(found, group, reader);
  const size = knowMembers(found, group, extent, reader) * extent;
  const extentSize = extent > 0 ? extent : undefined;
  reader.know(found.path, undefined, {
    size,
    extentSize,
    uuid: textIn(group, "id"),
    ...(missing === 0 ? {} : { missing }),
  });
  const keys: string[] = [];
  const all = sectionsIn(group, "logical_volumes");
  const lvs = all.filter(([, lv]) => listIn(lv, "status").includes("VISIBLE"));
  const standing = volumesOn(all);
  const said = new Set<string>();
  const entries = lvs.flatMap(([name, lv]): [string, NodeText][] => {
    const key = keyFor(name, keys, "lv");
    const node = readVolume({ found, name, key, extent, standing }, lv, reader);
    if (node === undefined) return [];
    keys.push(key);
    said.add(name);
    return [[key, node]];
  });
  const others = all.map(([name]) => name).filter((name) => !said.has(name));
  reader.know(found.path, undefined, { used: takenOf(all) * extent, ...(others.length === 0 ? {} : { others }) });
  return { ...nameBeside(found.key, found.name), lvs: Object.fromEntries(entries) };
}

/** A member that was away for a while has an older text. */
function newestText({ members }: FoundGroup): LvmSection {
  const texts = members.flatMap(({ block }) => parseLvmText(answerOf(block, "metadata") ?? "")?.group ?? []);
  const [first] = texts.toSorted((a, b) => numberIn(b, "seqno") - numberIn(a, "seqno"));
  return first ?? new Map();
}

/** Records where the extents of each member begin, and how many there are; returns how many all members have. */
function knowMembers({ members }: FoundGroup, group: LvmSection, size: Bytes, reader: TreeReader): number {
  const all = sectionsIn(group, "physical_volumes").map(([, volume]) => {
    const start = numberIn(volume, "pe_start") * 512;
    const count = numberIn(volume, "pe_count");
    const member = members.find(({ block }) => block.mark.uuid === textIn(volume, "id"));
    if (member !== undefined && size > 0) reader.know(member.path, member.block, { extents: { start, size, count } });
    return count;
  });
  return all.reduce((sum, count) => sum + count, 0);
}

function noteMissing({ path, members }: FoundGroup, group: LvmSection, reader: TreeReader): number {
  const there = new Set(members.map(({ block }) => block.mark.uuid));
  const missing = sectionsIn(group, "physical_volumes").filter(([, volume]) => !there.has(textIn(volume, "id")));
  for (const [, volume] of missing) {
    const place = textIn(volume, "device");
    reader.note(
      path,
      `its member ${textIn(volume, "id")} is on none of these disks${place === "" ? "" : `; it was ${place}`}`,
    );
  }
  return missing.length;
}

/** A volume on its way into the tree. */
interface VolumePlace {
  readonly found: FoundGroup;
  readonly name: string;
  readonly key: string;
  readonly extent: Bytes;
  readonly standing: VolumesOn;
}

function readVolume(
  { found, name, key, extent, standing }: VolumePlace,
  lv: LvmSection,
  reader: TreeReader,
): NodeText | undefined {
  const path = `${found.path}.lvs.${key}`;
  const segments = sectionsIn(lv).map(([, segment]) => segment);
  const origin = standing.originOf(name);
  const kind =
    origin === undefined
      ? segmentText(segments, found.members.length)
      : { fault: `is a snapshot of ${origin}, which a tree has no word for` };
  if ("fault" in kind) {
    reader.note(found.path, `volume ${name} ${kind.fault}`);
    return undefined;
  }
  const size = segments.reduce((sum, segment) => sum + numberIn(segment, "extent_count") * extent, 0);
  const device = deviceOf(found, name, reader);
  const carries = standing.on(name);
  const doubt =
    key === name ? undefined : `its name ${JSON.stringify(name)} is more than its path says: rename it first`;
  reader.know(path, device, { size, uuid: textIn(lv, "id"), doubt, ...(carries.length === 0 ? {} : { carries }) });
  if (device === undefined && kind.lvm_type !== "thin-pool")
    reader.note(path, "it is not active, so that what is on it is not known");
  const content = reader.content(device, { path: `${path}.content`, holder: `lv-${name}`, mayBeTable: false });
  return { ...nameBeside(key, name), size: sizeText(size), ...plainly(kind), content };
}

function plainly({ lvm_type, pool, extraArgs = [] }: SegmentText): NodeText {
  return {
    ...(lvm_type === undefined ? {} : { lvm_type }),
    ...(pool === undefined ? {} : { pool }),
    ...(extraArgs.length === 0 ? {} : { extraArgs }),
  };
}

/** The volume, which with copies or in a pool stands on devices that stand on the members. */
function deviceOf({ name: group, members }: FoundGroup, volume: string, reader: TreeReader) {
  const isIt = (mapped: ReturnType<typeof volumeOf>) => mapped?.group === group && mapped.volume === volume;
  return members.flatMap(({ block }) => reader.above(block)).find((block) => isIt(volumeOf(block)));
}
