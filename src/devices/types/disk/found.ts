import type { BlockFacts } from "../../found/facts.ts";
import { nameBeside } from "../../found/keys.ts";
import { sizeText } from "../../found/size-text.ts";
import { stablePath } from "../../found/stable-path.ts";
import type { NodeText, TreeReader } from "../../found/reading.ts";

/** Reads a disk that was asked for. `name` is what its partitions call it, `key` what it is called in the tree. */
export function readDiskNode(block: BlockFacts, key: string, name: string, reader: TreeReader): NodeText {
  const path = `disk.${key}`;
  reader.know(path, block);
  const device = stablePath(block) ?? block.path;
  return {
    ...nameBeside(key, name),
    ...(device === undefined ? { imageSize: sizeText(block.size) } : { device }),
    ...(block.sectorSize === 4096 ? { sectorSize: 4096 } : {}),
    content: reader.content(block, { path: `${path}.content`, holder: `disk-${name}`, mayBeTable: true }),
  };
}
