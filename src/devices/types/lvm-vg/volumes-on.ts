import { type LvmSection, listIn, numberIn, sectionsIn, textIn } from "./metadata-text.ts";

type Volumes = readonly (readonly [name: string, lv: LvmSection])[];

/** How the volumes of a group stand on each other. */
export interface VolumesOn {
  /** The visible volumes that are made of one: thin ones of a pool, snapshots, whatever it is called. */
  readonly on: (name: string) => readonly string[];
  /** The origin of which a volume keeps what was changed since. */
  readonly originOf: (name: string) => string | undefined;
}

/**
 * Reads from LVM's text which volumes are made of which, hidden ones in between.
 *
 * Source: lvm2, lib/*: a segment names other volumes by any of its texts and lists; a snapshot is a hidden volume of its own, which
 * names its origin and the volume that has the differences.
 */
export function volumesOn(all: Volumes): VolumesOn {
  const names = new Set(all.map(([name]) => name));
  const origins = new Map(all.flatMap(([, lv]) => segmentsOf(lv).flatMap(snapshotIn)));
  const below = new Map(
    all.map(([name, lv]) => [
      name,
      [...segmentsOf(lv).flatMap(textsIn), origins.get(name) ?? ""].filter((one) => names.has(one)),
    ]),
  );
  const reached = (name: string) => {
    const seen = new Set(below.get(name));
    // A set goes on with what is added to it, and has each name once.
    for (const one of seen) below.get(one)?.forEach((other) => seen.add(other));
    return seen;
  };
  // What LVM calls visible is the link between a snapshot and its origin, and people see the snapshot.
  const isLink = (lv: LvmSection) => segmentsOf(lv).some((segment) => snapshotIn(segment).length > 0);
  const isSeen = (name: string, lv: LvmSection) =>
    origins.has(name) || (listIn(lv, "status").includes("VISIBLE") && !isLink(lv));
  const visible = all.filter(([name, lv]) => isSeen(name, lv)).map(([name]) => name);
  return {
    on: (name) => visible.filter((other) => other !== name && reached(other).has(name)),
    originOf: (name) => origins.get(name),
  };
}

/** The extents of members that are taken, by visible and hidden volumes. */
export function takenOf(all: Volumes): number {
  const names = new Set(all.map(([name]) => name));
  const onMembers = (segment: LvmSection) => {
    const [first] = listIn(segment, "stripes");
    return typeof first === "string" && !names.has(first);
  };
  return all
    .flatMap(([, lv]) => segmentsOf(lv))
    .filter(onMembers)
    .reduce((sum, segment) => sum + numberIn(segment, "extent_count"), 0);
}

function segmentsOf(lv: LvmSection): LvmSection[] {
  return sectionsIn(lv).map(([, segment]) => segment);
}

function snapshotIn(segment: LvmSection): (readonly [cow: string, origin: string])[] {
  const cow = textIn(segment, "cow_store");
  return textIn(segment, "type") === "snapshot" && cow !== "" ? [[cow, textIn(segment, "origin")]] : [];
}

/** All texts of a segment, but for its type. */
function textsIn(segment: LvmSection): string[] {
  const values = [...segment].flatMap(([name, value]) => (name === "type" ? [] : [value]));
  return values
    .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
    .filter((one) => typeof one === "string");
}
