import type { BlockFacts, DeviceQuestion } from "../../found/facts.ts";
import { keyFor, nameBeside } from "../../found/keys.ts";
import { answerOf, type ContentReading, type FoundPlace, type NodeText, type TreeReader } from "../../found/reading.ts";
import { sizeText } from "../../found/size-text.ts";
import { listedSubvolumes, type Subvolume, subvolumesOfTree } from "./subvolumes.ts";

/** A btrfs as it is: of several devices the last one has the node, since a tree has made the others by then. */
export const btrfsReading: ContentReading = {
  fills: ({ mark }) => mark.type === "btrfs",
  questions: (path, block) => ({
    super: { tool: "btrfs", argv: ["inspect-internal", "dump-super", path] },
    chunks: { tool: "btrfs", argv: ["inspect-internal", "dump-tree", "-t", "chunk", path] },
    ...subvolumeQuestion(path, block),
  }),
  readsAll: true,
  read: readBtrfs,
};

/** Paths with folders in them only a mounted filesystem tells. */
function subvolumeQuestion(path: string, { uses }: BlockFacts): Readonly<Record<string, DeviceQuestion>> {
  const mount = uses.find((use) => use.kind === "mount");
  if (mount === undefined)
    return { roots: { tool: "btrfs", argv: ["inspect-internal", "dump-tree", "-t", "root", path] } };
  return { list: { tool: "btrfs", argv: ["subvolume", "list", "-q", mount.mountPoint] } };
}

function readBtrfs(block: BlockFacts, { path }: FoundPlace, reader: TreeReader): NodeText | null {
  const { label, uuid } = block.mark;
  const superblock = reader.answer(block, "super", path);
  if (superblock === undefined) return null;
  const members = reader.all().filter(({ mark }) => mark.type === "btrfs" && mark.uuid === uuid);
  if (!reader.isLast(members, path)) return noteMember(block, superblock, path, reader);
  const others = members
    .filter(({ name }) => name !== block.name)
    .toSorted((a, b) => deviceNumber(a) - deviceNumber(b));
  const missing = Math.max(0, numberIn(superblock, "num_devices") - members.length);
  if (missing > 0)
    reader.note(path, `${missing} of its ${numberIn(superblock, "num_devices")} devices are none of these`);
  reader.know(path, block, {
    extent: numberIn(superblock, "dev_item.total_bytes"),
    used: numberIn(superblock, "bytes_used"),
    label: label ?? undefined,
    uuid: uuid ?? undefined,
    ...(missing === 0 ? {} : { missing }),
    ...(others.length + missing === 0 ? {} : { obstacle: "it lies on other devices too, which would be left over" }),
  });
  const extraArgs =
    others.length === 0 ? [] : [...profiles(block, path, reader), ...others.map((one) => reader.nameOf(one))];
  return {
    type: "btrfs",
    ...(label === null ? {} : { label }),
    ...(uuid === null ? {} : { uuid }),
    ...(extraArgs.length === 0 ? {} : { extraArgs }),
    ...reader.mounted(block),
    ...swapTexts(block, "/"),
    ...subvolumeTexts(block, path, reader),
  };
}

/** The node stands at the last of its devices; the others are no emptier for that. */
function noteMember(block: BlockFacts, superblock: string, path: string, reader: TreeReader): null {
  const obstacle =
    "it is a device of a filesystem (btrfs) that others have a part of: btrfs device remove takes it out";
  const holds = { what: "a device of a filesystem (btrfs) on several", format: "btrfs" };
  reader.know(path, block, { extent: numberIn(superblock, "dev_item.total_bytes"), holds, obstacle });
  return null;
}

function deviceNumber(block: BlockFacts): number {
  return numberIn(answerOf(block, "super") ?? "", "dev_item.devid");
}

function numberIn(superblock: string, name: string): number {
  return Number(new RegExp(`^${name.replaceAll(".", "\\.")}\\s+(\\d+)$`, "m").exec(superblock)?.[1] ?? 0);
}

/** How data and metadata are spread over the devices. Source: btrfs-progs, the names of block group flags. */
function profiles(block: BlockFacts, path: string, reader: TreeReader): string[] {
  const chunks = reader.answer(block, "chunks", path) ?? "";
  const profile = (kind: string) => {
    const found = [...chunks.matchAll(/\btype (\w+(?:\|\w+)*)/g)].map(([, type = ""]) => type.split("|"));
    const words = found.filter(([first]) => first === kind).map(([, name = "single"]) => name.toLowerCase());
    if (new Set(words).size > 1)
      reader.note(path, `its ${kind.toLowerCase()} is partly ${[...new Set(words)].join(", partly ")}`);
    return words[0];
  };
  const [data, metadata] = [profile("DATA"), profile("METADATA")];
  return [...(data === undefined ? [] : [`-d ${data}`]), ...(metadata === undefined ? [] : [`-m ${metadata}`])];
}

function subvolumeTexts(block: BlockFacts, path: string, reader: TreeReader): NodeText {
  const listed = answerOf(block, "list");
  const all =
    listed === undefined ? subvolumesOfTree(reader.answer(block, "roots", path) ?? "") : listedSubvolumes(listed);
  noteOthers(all, path, reader);
  const texts: Record<string, NodeText> = {};
  for (const { path: name, isSnapshot } of all) {
    if (name === undefined || isSnapshot) continue;
    const wanted = `/${name}`;
    const isPlain = /^(\/[A-Za-z0-9_+@-]+)+$/.test(wanted) && !Object.hasOwn(texts, wanted);
    const key = isPlain ? wanted : keyFor(name, Object.keys(texts), "subvolume");
    reader.know(`${path}.subvolumes.${key}`, undefined, reader.usedBy(block, name));
    texts[key] = { ...nameBeside(key, wanted), ...reader.mounted(block, name), ...swapTexts(block, wanted) };
  }
  return Object.keys(texts).length === 0 ? {} : { subvolumes: texts };
}

/** The swap files in a subvolume that are in use; others are files as any. */
function swapTexts({ uses }: BlockFacts, root: string): NodeText {
  const texts: Record<string, NodeText> = {};
  for (const use of uses) {
    if (use.kind !== "swap file" || use.root !== root) continue;
    const key = keyFor(use.path, Object.keys(texts), "swapfile");
    const { path, size, priority } = use;
    texts[key] = { size: sizeText(size), ...(key === path ? {} : { path }), ...(priority < 0 ? {} : { priority }) };
  }
  return Object.keys(texts).length === 0 ? {} : { swap: texts };
}

function noteOthers(all: readonly Subvolume[], path: string, reader: TreeReader): void {
  const snapshots = all.filter(({ isSnapshot }) => isSnapshot).length;
  if (snapshots > 0) reader.note(path, `it has ${snapshots} snapshots, which are no part of a tree`);
  const hidden = all.filter((one) => one.path === undefined).length;
  if (hidden > 0)
    reader.note(path, `it has ${hidden} subvolumes in folders, whose paths are known where it is mounted`);
}
