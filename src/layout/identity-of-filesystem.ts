import { MkimageError } from "../base/errors.ts";
import { labelFault, type Mkfs } from "../filesystems/mkfs/mkfs.ts";
import { optionValue } from "../filesystems/mkfs/read-options.ts";
import { filesystemOf, filesystems } from "../filesystems/registry.ts";
import { splitWords } from "../base/split-words.ts";
import type { Identity } from "../base/identity.ts";

/** The label and UUID by which the system refers to a filesystem. */
export interface FilesystemNames {
  readonly label: string | null;
  /** `null` where its program draws it at random: then it is not known beforehand. */
  readonly uuid: string | null;
}

/** The label and UUID of a swap space. */
interface SwapNames extends FilesystemNames {
  readonly uuid: string;
}

/** The options of a node in the tree that name its filesystem or swap space. */
export interface NamedNode {
  readonly label: string | null;
  readonly uuid: string | null;
  readonly extraArgs: readonly string[];
}

/** A filesystem's label and UUID: from its own options, else from the arguments of mkfs, else from the seed. */
export function namesOf(node: NamedNode, format: string, path: string, identity: Identity): FilesystemNames {
  const { label, uuid } = requestedNames(node, format, path);
  const seeded = takesUuid(format) ? derived(format, path, identity) : null;
  return { label: label.option ?? label.meant, uuid: uuid.option ?? uuid.meant ?? seeded };
}

/** As `namesOf` for a swap space, which always has a UUID. */
export function swapNamesOf(node: NamedNode, path: string, identity: Identity): SwapNames {
  const { label, uuid } = namesOf(node, "swap", path, identity);
  return { label, uuid: uuid ?? derived("swap", path, identity) };
}

/** A requested label or UUID, from each of its two places. */
interface RequestedName {
  readonly option: string | null;
  /** As the arguments of mkfs have it. */
  readonly argument: string | null;
  /** The label or UUID in that argument; `null` for a word such as `random`. */
  readonly meant: string | null;
}

/**
 * Returns the label and UUID that a node requests, in its options and in the arguments of mkfs.
 *
 * @throws MkimageError BAD_REQUEST where the two differ, and for an option that the program of this format has none for.
 */
export function requestedNames(
  node: NamedNode,
  format: string,
  path: string,
): { readonly label: RequestedName; readonly uuid: RequestedName } {
  const { mkfs } = filesystemOf(format);
  for (const what of ["label", "uuid"] as const) requireTaken(what, node[what], format, path);
  const words = splitWords(node.extraArgs);
  const [label, uuid] = [said(words, mkfs, mkfs?.label), said(words, mkfs, mkfs?.uuid)];
  const requested = {
    label: { option: node.label, argument: label, meant: label },
    uuid: {
      option: node.uuid === null ? null : normal(format, node.uuid),
      argument: uuid,
      meant: readUuid(uuid, format),
    },
  };
  requireRoom(requested.label.option ?? label, format, path);
  requireOne("label", requested.label, path);
  requireOne("uuid", requested.uuid, path);
  return requested;
}

/** Whether the program that makes a filesystem can be told its UUID. */
function takesUuid(format: string): boolean {
  return filesystemOf(format).mkfs?.uuid !== undefined;
}

function requireTaken(what: "label" | "uuid", option: string | null, format: string, path: string): void {
  if (option === null || filesystemOf(format).mkfs?.[what] !== undefined) return;
  const able = Object.entries(filesystems).filter(([, { mkfs }]) => mkfs?.[what] !== undefined);
  throw new MkimageError("BAD_REQUEST", `${path} has the ${what} ${option}, which mkfs.${format} cannot be told`, {
    hint: `leave ${what} out, and name the filesystem by its partition; with ${what} there are ${able.map(([name]) => name).join(", ")}`,
  });
}

function requireRoom(label: string | null, format: string, path: string): void {
  const option = filesystemOf(format).mkfs?.label;
  const fault = label === null || option === undefined ? undefined : labelFault(label, option);
  if (fault === undefined) return;
  throw new MkimageError("BAD_REQUEST", `${path}: ${fault} with ${format}`, { hint: "give it a shorter one" });
}

function said(words: readonly string[], mkfs: Mkfs | null, option: Mkfs["uuid"]): string | null {
  return mkfs === null || option === undefined ? null : optionValue(words, mkfs, option);
}

function requireOne(what: string, { option, argument, meant }: RequestedName, path: string): void {
  if (option === null || argument === null || option === meant) return;
  throw new MkimageError("BAD_REQUEST", `${path} has the ${what} ${option}, and its extraArgs say ${argument}`, {
    hint: `say it once: as the option ${what}, or in extraArgs`,
  });
}

/** A UUID or a FAT volume id as it is shown; `random` and the like are none. */
function readUuid(text: string | null, format: string): string | null {
  return text !== null && isUuid(text, format) ? normal(format, text) : null;
}

/** Whether text has the form of this filesystem's UUID. */
export function isUuid(text: string, format: string): boolean {
  const pattern = hasVolumeId(format) ? /^[0-9a-f]{4}-?[0-9a-f]{4}$/i : /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
  return pattern.test(text);
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
  return filesystemOf(format).mkfs?.identifier === "volume id";
}
