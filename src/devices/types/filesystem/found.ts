import { filesystemOf, filesystems } from "../../../filesystems/registry.ts";
import type { BlockFacts } from "../../found/facts.ts";
import { answerOf, type ContentReading, type FoundPlace, type NodeText, type TreeReader } from "../../found/reading.ts";
import { measureOf } from "./measure.ts";

/** A filesystem as it is on a device: of those that are registered and have no type of node for themselves. */
export const filesystemReading: ContentReading = {
  fills: ({ mark }) => mark.type !== null && isPlain(mark.type),
  questions: (path, { mark }) => measureOf(mark.type)?.questions(path) ?? {},
  read: readFilesystemNode,
};

const ownNodes: readonly string[] = ["btrfs", "bcachefs", "zfs", "swap"];

function isPlain(type: string): boolean {
  return Object.hasOwn(filesystems, type) && !ownNodes.includes(type);
}

function readFilesystemNode(block: BlockFacts, { path }: FoundPlace, reader: TreeReader): NodeText {
  const { type, label, uuid, version } = block.mark;
  const measured = measureOf(type)?.read((question) => answerOf(block, question)) ?? {};
  reader.know(path, block, { ...measured, label: label ?? undefined, uuid: uuid ?? undefined });
  const files = block.uses.filter((use) => use.kind === "swap file").map((use) => use.path);
  if (files.length > 0)
    reader.note(path, `it has swap files (${files.join(", ")}), for which a filesystem other than btrfs has no word`);
  const bits = type === "vfat" ? /^FAT(\d+)$/.exec(version ?? "")?.[1] : undefined;
  return {
    type: "filesystem",
    format: type,
    ...(label === null ? {} : { label }),
    ...(uuid === null || isDrawn(type) ? {} : { uuid }),
    ...reader.mounted(block),
    ...(bits === undefined ? {} : { extraArgs: ["-F", bits] }),
  };
}

/** Whether its program draws the UUID, and is told none. */
function isDrawn(type: string | null): boolean {
  return type === null || filesystemOf(type).mkfs?.uuid === undefined;
}
