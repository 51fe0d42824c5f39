import type { JobStep } from "./job.ts";

/** A partition of the image, as its partition table has it. */
export interface PartitionRecord {
  /** The serial number of the guest's disk. */
  readonly disk: string;
  readonly number: number;
  readonly scheme: "gpt" | "dos";
  /** The type: a GUID in lower case, or `0x83`. */
  readonly type: string;
  /** The GUID in lower case, or `DISKID-01`. */
  readonly uuid: string;
  readonly name?: string;
  /** Further names under which it is to be found: absolute. */
  readonly names?: readonly string[];
}

/** The identifiers of a filesystem. */
export interface FilesystemRecord {
  readonly type: string;
  readonly uuid?: string;
  readonly label?: string;
}

/**
 * The step that does udev's work for a partition or, without one, for a whole disk: links below `/dev/disk`, and the
 * properties that bootctl, lsblk and others ask udev for.
 *
 * Source: udev's 60-persistent-storage.rules, and the properties that libblkid gives it.
 */
export function describeDeviceStep(
  disk: string,
  partition: PartitionRecord | undefined,
  filesystem: FilesystemRecord | undefined,
  names: readonly string[] = [],
): JobStep {
  const links = [...names, ...partitionLinks(partition), ...filesystemLinks(filesystem)];
  const properties = { ...partitionProperties(partition), ...filesystemProperties(filesystem) };
  const number = partition === undefined ? "" : String(partition.number);
  const assignments = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
  const title = partition === undefined ? `name the disk ${disk}` : `name partition ${number} of the disk ${disk}`;
  return { title, argv: ["/vm/describe-device", disk, number, ...links, "--", ...assignments] };
}

/** Text as udev writes it into links and properties: what is no plain character becomes `\x20`. */
export function udevEncoded(text: string): string {
  const plain = /[A-Za-z0-9#+\-.:=@_]/;
  return [...text].map((character) => (isPlain(character, plain) ? character : hexEscapes(character))).join("");
}

function isPlain(character: string, plain: RegExp): boolean {
  return plain.test(character) || character > "\u007f";
}

function hexEscapes(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}

function partitionLinks(partition: PartitionRecord | undefined): string[] {
  if (partition === undefined) return [];
  const name = partition.name === undefined || partition.name === "" ? [] : [udevEncoded(partition.name)];
  const links = [`disk/by-partuuid/${partition.uuid}`, ...name.map((text) => `disk/by-partlabel/${text}`)];
  return [...links, ...(partition.names ?? [])];
}

function filesystemLinks({ uuid, label }: Partial<FilesystemRecord> = {}): string[] {
  return [
    uuid === undefined ? [] : [`disk/by-uuid/${udevEncoded(uuid)}`],
    label === undefined || label === "" ? [] : [`disk/by-label/${udevEncoded(label)}`],
  ].flat();
}

function partitionProperties(partition: PartitionRecord | undefined): Record<string, string> {
  if (partition === undefined) return { DEVTYPE: "disk" };
  const { name, number, scheme, type, uuid } = partition;
  return {
    DEVTYPE: "partition",
    ID_PART_ENTRY_NUMBER: String(number),
    ID_PART_ENTRY_SCHEME: scheme,
    ID_PART_ENTRY_TYPE: type,
    ID_PART_ENTRY_UUID: uuid,
    ...(name === undefined || name === "" ? {} : { ID_PART_ENTRY_NAME: udevEncoded(name) }),
  };
}

function filesystemProperties(filesystem: FilesystemRecord | undefined): Record<string, string> {
  if (filesystem === undefined) return {};
  const { type, uuid, label } = filesystem;
  return {
    ID_FS_USAGE: "filesystem",
    ID_FS_TYPE: type,
    ...(uuid === undefined ? {} : { ID_FS_UUID: uuid, ID_FS_UUID_ENC: udevEncoded(uuid) }),
    ...(label === undefined || label === ""
      ? {}
      : { ID_FS_LABEL: udevEncoded(label), ID_FS_LABEL_ENC: udevEncoded(label) }),
  };
}
