import type { Identity } from "./identity.ts";

/** What names a filesystem to the rest of the system. */
export interface FilesystemNames {
  readonly label: string | null;
  readonly uuid: string;
}

interface NamedNode {
  readonly label: string | null;
  readonly uuid: string | null;
  readonly extraArgs: readonly string[];
}

/** The words by which each mkfs takes a label and a UUID. */
const flags: Readonly<Record<string, { readonly label: readonly string[]; readonly uuid: readonly string[] }>> = {
  ext2: { label: ["-L"], uuid: ["-U"] },
  ext3: { label: ["-L"], uuid: ["-U"] },
  ext4: { label: ["-L"], uuid: ["-U"] },
  vfat: { label: ["-n"], uuid: ["-i"] },
  xfs: { label: ["-L"], uuid: ["-m"] },
  btrfs: { label: ["-L", "--label"], uuid: ["-U", "--uuid"] },
  f2fs: { label: ["-l"], uuid: ["-U"] },
  swap: { label: ["-L", "--label"], uuid: ["-U", "--uuid"] },
};

/** A filesystem's label and UUID: from its own options, else from the arguments of mkfs, else from the seed. */
export function namesOf(node: NamedNode, format: string, path: string, identity: Identity): FilesystemNames {
  const known = flags[format];
  const label = node.label ?? argumentOf(node.extraArgs, known?.label ?? []);
  const uuid = node.uuid ?? readUuid(argumentOf(node.extraArgs, known?.uuid ?? []));
  return { label, uuid: uuid === null ? derived(format, path, identity) : normal(format, uuid) };
}

function argumentOf(words: readonly string[], names: readonly string[]): string | null {
  const index = words.findLastIndex((word) => names.includes(word));
  return index < 0 ? null : (words[index + 1] ?? null);
}

/** Of `uuid=…`, `random` and the like, what is a UUID or a FAT volume id. */
function readUuid(text: string | null): string | null {
  const match = /(?:^|uuid=)([0-9a-f]{8}|[0-9a-f]{4}-[0-9a-f]{4}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(
    text ?? "",
  );
  return match?.[1] ?? null;
}

function derived(format: string, path: string, identity: Identity): string {
  const purpose = `${path} uuid`;
  if (!hasVolumeId(format)) return identity.uuid(purpose);
  return volumeId(identity.number32(purpose).toString(16).padStart(8, "0"));
}

function normal(format: string, uuid: string): string {
  return hasVolumeId(format) ? volumeId(uuid.replace("-", "")) : uuid.toLowerCase();
}

function volumeId(digits: string): string {
  return `${digits.slice(0, 4)}-${digits.slice(4)}`.toUpperCase();
}

function hasVolumeId(format: string): boolean {
  return ["vfat", "fat", "msdos", "exfat"].includes(format);
}
