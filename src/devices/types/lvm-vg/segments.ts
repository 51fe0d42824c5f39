import { type LvmSection, numberIn, textIn } from "./metadata-text.ts";
import type { LogicalVolumeNode } from "./schema.ts";

/** How a volume is laid out, as a node says it. */
export interface SegmentText {
  readonly lvm_type?: NonNullable<LogicalVolumeNode["lvm_type"]>;
  readonly pool?: string;
  readonly extraArgs?: readonly string[];
}

/** Reads how the segments of a volume are laid out; a fault where a node has no words for it. */
export function segmentText(
  segments: readonly LvmSection[],
  members: number,
): SegmentText | { readonly fault: string } {
  const [first] = segments;
  if (first === undefined) return { fault: "has no segments" };
  const types = [...new Set(segments.map((segment) => textIn(segment, "type")))];
  const [type = ""] = types;
  const read = types.length === 1 ? readers.get(type) : undefined;
  const text = read?.(first, members);
  if (text === undefined) return { fault: `is of type ${types.join(" and ")}, which a tree has no word for` };
  const isPlain = text.lvm_type === undefined && text.extraArgs === undefined;
  const isOfPieces = segments.length > 1 && !isPlain && text.lvm_type !== "thinlv";
  return isOfPieces ? { fault: `is of ${segments.length} pieces of type ${type}, which no tree makes` } : text;
}

type Reader = (segment: LvmSection, members: number) => SegmentText | undefined;

const parity = (lvm_type: "raid0" | "raid4" | "raid5" | "raid6", disks: number, usual: number): Reader => {
  return (segment) => {
    const stripes = numberIn(segment, "device_count") - disks;
    return { lvm_type, ...(stripes === usual ? {} : { extraArgs: ["-i", String(stripes)] }) };
  };
};

const copies = (lvm_type: "raid1" | "mirror", count: string): Reader => {
  return (segment) => {
    const mirrors = numberIn(segment, count) - 1;
    return { lvm_type, ...(mirrors === 1 ? {} : { extraArgs: ["-m", String(mirrors)] }) };
  };
};

/** Source: lvm2, the names of segment types; the usual layouts are those that lvcreate makes. */
const readers: ReadonlyMap<string, Reader> = new Map(
  Object.entries<Reader>({
    striped: (segment) => {
      const stripes = numberIn(segment, "stripe_count");
      if (stripes === 1) return {};
      return { extraArgs: ["-i", String(stripes), "-I", `${numberIn(segment, "stripe_size") / 2}k`] };
    },
    mirror: copies("mirror", "mirror_count"),
    raid1: copies("raid1", "device_count"),
    raid0: parity("raid0", 0, 2),
    raid4: parity("raid4", 1, 2),
    raid5: parity("raid5", 1, 2),
    raid5_ls: parity("raid5", 1, 2),
    raid6: parity("raid6", 2, 3),
    raid6_zr: parity("raid6", 2, 3),
    "thin-pool": () => ({ lvm_type: "thin-pool" }),
    thin: (segment) => {
      if (textIn(segment, "origin") !== "") return undefined;
      return { lvm_type: "thinlv", pool: textIn(segment, "thin_pool") };
    },
  }),
);
