import type { BlockFacts } from "../../found/facts.ts";
import type { ContentReading, FoundPlace, NodeText, TreeReader } from "../../found/reading.ts";
import { parseLvmText, textIn } from "../lvm-vg/metadata-text.ts";

/** A physical volume as it is: each has all that LVM knows of its group. */
export const lvmPvReading: ContentReading = {
  fills: ({ mark }) => mark.type === "LVM2_member",
  questions: (path) => ({ metadata: { tool: "pvck", argv: ["--dump", "metadata", path] } }),
  read: readPhysicalVolume,
};

function readPhysicalVolume(block: BlockFacts, { path }: FoundPlace, reader: TreeReader): NodeText | null {
  const printed = reader.answer(block, "metadata", path);
  if (printed === undefined) return null;
  reader.know(path, block, { uuid: block.mark.uuid ?? undefined });
  const read = parseLvmText(printed);
  if (read === undefined) {
    reader.note(path, "it is a physical volume of LVM without a group, or one that cannot be read");
    return null;
  }
  const { name, group } = read;
  return reader.join("lvm_vg", { name, id: textIn(group, "id") }, { path, block })
    ? { type: "lvm_pv", vg: name }
    : null;
}
