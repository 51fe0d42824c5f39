import type { BlockFacts } from "../../found/facts.ts";
import type { ContentReading, FoundPlace, NodeText, TreeReader } from "../../found/reading.ts";
import { arrayOf } from "../mdadm/examined.ts";

/** A member of an array as it is. */
export const mdraidReading: ContentReading = {
  fills: ({ mark }) => mark.type === "linux_raid_member",
  questions: (path) => ({ superblock: { tool: "mdadm", argv: ["--examine", path] } }),
  read: readMember,
};

function readMember(block: BlockFacts, { path }: FoundPlace, reader: TreeReader): NodeText | null {
  const printed = reader.answer(block, "superblock", path);
  if (printed === undefined) return null;
  const { name, uuid, role } = arrayOf(printed);
  reader.know(path, block, { uuid: block.mark.uuid ?? undefined });
  if (role === "spare") reader.note(path, "it is a spare; a tree makes every member an active one");
  return reader.join("mdadm", { name, id: uuid }, { path, block }) ? { type: "mdraid", name } : null;
}
