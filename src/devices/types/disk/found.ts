import type { BlockFacts } from "../../found/facts.ts";
import { nameBeside } from "../../found/keys.ts";
import type { NodeText, TreeReader } from "../../found/reading.ts";

/** Reads a disk that was asked for. `name` is what its partitions call it, `key` what it is called in the tree. */
export function readDiskNode(block: BlockFacts, key: string, name: string, reader: TreeReader): NodeText {
  const path = `disk.${key}`;
  reader.know(path, block);
  const device = stablePath(block) ?? block.path;
  return {
    ...nameBeside(key, name),
    ...(device === undefined ? { imageSize: `${block.size}B` } : { device }),
    ...(block.sectorSize === 4096 ? { sectorSize: 4096 } : {}),
    content: reader.content(block, { path: `${path}.content`, holder: `disk-${name}`, mayBeTable: true }),
  };
}

/** The path that says what disk it is: numbers of buses and of worlds only where there is nothing else. */
function stablePath({ byIdPaths }: BlockFacts): string | undefined {
  const isNumber = (path: string) => /\/(wwn-|nvme-(eui|nvme)\.|scsi-\d|dm-|lvm-|md-)/.test(path);
  return byIdPaths.find((path) => !isNumber(path)) ?? byIdPaths[0];
}
