import { type FstabEntry, parseFstab } from "./fstab.ts";

/** Something that a system could mount, and what it is called: `label nixos`, `uuid …`, `partlabel …`, `partuuid …`. */
export interface Mountable {
  readonly names: readonly string[];
  /** Where it is to be mounted; `undefined`: anywhere. */
  readonly mountpoints: readonly string[] | undefined;
}

/**
 * The lines of an fstab that ask for a device by a name which nothing there has, or which something has that belongs
 * elsewhere. A device that is named otherwise, or that need not be there, is not judged. Pure.
 */
export function unfoundMounts(fstab: string, there: readonly Mountable[]): FstabEntry[] {
  return parseFstab(fstab).filter((entry) => {
    const name = nameOf(entry.device);
    if (name === undefined || entry.options.some((option) => dispensable.has(option))) return false;
    const found = there.filter(({ names }) => names.includes(name));
    return !found.some(({ mountpoints }) => mountpoints === undefined || mountpoints.includes(entry.mountPoint));
  });
}

/** Describes a line of an fstab for messages. */
export function describeMount({ device, mountPoint, type }: FstabEntry): string {
  return type === "swap" ? `its swap space at ${device}` : `${mountPoint} at ${device}`;
}

/** The names of something by its kinds of names. Pure. */
export function namesFor(known: Readonly<Partial<Record<NameKind, string | null>>>): string[] {
  return Object.entries(known).flatMap(([kind, text]) =>
    text === null || text === undefined || text === "" ? [] : [nameText(kind as NameKind, text)],
  );
}

type NameKind = "label" | "uuid" | "partlabel" | "partuuid";

const dispensable = new Set(["nofail", "noauto"]);

function nameOf(device: string): string | undefined {
  const identifier = identifierIn(device);
  return identifier === undefined ? undefined : nameText(identifier.kind, identifier.text);
}

/** The name by which an fstab looks for a device; `undefined` for a path. Pure. */
export function identifierIn(device: string): { readonly kind: NameKind; readonly text: string } | undefined {
  const [, path, text] = /^\/dev\/disk\/by-(label|uuid|partlabel|partuuid)\/(.+)$/.exec(device) ?? [];
  if (path !== undefined && text !== undefined) return { kind: path as NameKind, text: unescapeUdev(text) };
  const [, tag, value] = /^(LABEL|UUID|PARTLABEL|PARTUUID)="?([^"]+)"?$/.exec(device) ?? [];
  return tag === undefined || value === undefined ? undefined : { kind: tag.toLowerCase() as NameKind, text: value };
}

function nameText(kind: NameKind, text: string): string {
  return `${kind} ${kind.endsWith("uuid") ? text.toLowerCase() : text}`;
}

/** udev writes the bytes of what is no plain character as `\xHH`. */
function unescapeUdev(text: string): string {
  const bytes = text.replaceAll(/\\x([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return bytes === text ? text : Buffer.from(bytes, "latin1").toString("utf8");
}
