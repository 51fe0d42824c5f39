import { isUuid } from "../../layout/identity-of-filesystem.ts";
import { type FstabEntry, parseFstab } from "../../bootloaders/growth/fstab.ts";
import { identifierIn } from "../../bootloaders/growth/unfound-mounts.ts";

/** How a system knows one of its filesystems. */
export interface KnownFilesystem {
  readonly label?: string;
  readonly uuid?: string;
  /** As the fstab has it. */
  readonly type: string;
}

/** The filesystem that a system mounts at a path, as far as its fstab tells it by what a filesystem can be called. Pure. */
export function knownFilesystem(fstab: string, mountPoint: string): KnownFilesystem | undefined {
  const entry = parseFstab(fstab).find((each) => each.mountPoint === mountPoint);
  return entry === undefined ? undefined : { ...namesIn(entry), type: entry.type };
}

function namesIn({ device, type }: FstabEntry): Pick<KnownFilesystem, "label" | "uuid"> {
  const { kind, text } = identifierIn(device) ?? { kind: "none", text: "" };
  if (kind === "label") return { label: text };
  return kind === "uuid" && isUuid(text, type) ? { uuid: text } : {};
}
