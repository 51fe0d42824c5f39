import type { MdadmNode } from "./schema.ts";

/** An array, as the superblock of a member has it. */
export interface ExaminedArray {
  readonly name: string;
  readonly uuid: string;
  readonly level: MdadmNode["level"] | undefined;
  readonly levelText: string;
  /** `1.2` */
  readonly metadata: string;
  readonly devices: number;
  /** In KiB; `undefined` where there is none. */
  readonly chunk: number | undefined;
  readonly role: "active" | "spare";
  readonly events: number;
}

const levels: readonly MdadmNode["level"][] = [0, 1, 4, 5, 6, 10];

/**
 * Reads what `mdadm --examine` prints. The name has the machine before it that the array belongs to: `any:root`. Metadata
 * 0.90 has no name.
 */
export function arrayOf(printed: string): ExaminedArray {
  const value = (name: string) => new RegExp(`^\\s*${name} : (.*)$`, "m").exec(printed)?.[1]?.trim() ?? "";
  const levelText = value("Raid Level");
  const uuid = value("Array UUID") || value("UUID").replace(/ .*$/, "");
  const stored = value("Name").replace(/\s+\(local to host .*\)$/, "");
  const level = Number(levelText.replace(/^raid/, ""));
  return {
    name: stored.replace(/^[^:]*:/, "") || `md-${uuid.replaceAll(":", "").slice(0, 8)}`,
    uuid,
    level: levelText.startsWith("raid") ? levels.find((one) => one === level) : undefined,
    levelText,
    metadata: value("Version"),
    devices: Number(value("Raid Devices")) || 0,
    chunk: chunkOf(value("Chunk Size")),
    role: value("Device Role") === "spare" ? "spare" : "active",
    events: Number(value("Events")) || 0,
  };
}

function chunkOf(text: string): number | undefined {
  const [, count, unit] = /^(\d+)([KM])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (unit === "M" ? 1024 : 1);
}
