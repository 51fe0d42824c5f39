import { nameBeside } from "../../found/keys.ts";
import { answerOf, type FoundGroup, type NodeText, type TreeReader, type UnitReading } from "../../found/reading.ts";
import { arrayOf, type ExaminedArray } from "./examined.ts";

/** An md array as it is, by the superblocks of its members. */
export const mdadmReading: UnitReading = { read: readArray };

function readArray(found: FoundGroup, reader: TreeReader): NodeText {
  const { key, name, path, members } = found;
  const superblocks = members.map(({ block }) => arrayOf(answerOf(block, "superblock") ?? ""));
  const array = superblocks.toSorted((a, b) => b.events - a.events)[0] ?? arrayOf("");
  noteOthers(array, path, reader);
  const missing = Math.max(0, array.devices - superblocks.filter(({ role }) => role === "active").length);
  if (missing > 0) reader.note(path, `${missing} of its ${array.devices} members are on none of these disks`);
  const device = members
    .flatMap(({ block }) => reader.above(block).filter(({ below }) => below.includes(block.name)))
    .find(({ name: kernel }) => /^md\d|^md_/.test(kernel));
  if (device === undefined) reader.note(path, "it is not running, so that what is on it is not known");
  reader.know(path, device, { uuid: array.uuid, ...(missing === 0 ? {} : { missing }) });
  const chunk = array.chunk === undefined || array.chunk === usualChunk ? [] : [`--chunk=${array.chunk}`];
  return {
    ...nameBeside(key, name),
    ...(array.level === undefined ? {} : { level: array.level }),
    ...(metadataNames.includes(array.metadata) && array.metadata !== "1.2" ? { metadata: array.metadata } : {}),
    uuid: array.uuid,
    ...(chunk.length === 0 ? {} : { extraArgs: chunk }),
    content: reader.content(device, { path: `${path}.content`, holder: `mdadm-${name}`, mayBeTable: true }),
  };
}

/** In KiB. */
const usualChunk = 512;
const metadataNames: readonly string[] = ["1.0", "1.1", "1.2"];

function noteOthers({ level, levelText, metadata }: ExaminedArray, path: string, reader: TreeReader): void {
  if (level === undefined) reader.note(path, `it is of level ${levelText}, which a tree does not make`);
  if (!metadataNames.includes(metadata)) reader.note(path, `it has metadata ${metadata}, which a tree does not make`);
}
