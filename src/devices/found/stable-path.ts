import type { BlockFacts, StorageFacts } from "./facts.ts";
import { devicesNamed } from "./mounts.ts";

/** The path that says what disk it is: numbers of buses and of worlds only where there is nothing else. */
export function stablePath({ byIdPaths }: BlockFacts): string | undefined {
  const isNumber = (path: string) => /\/(wwn-|nvme-(eui|nvme)\.|scsi-\d|dm-|lvm-|md-)/.test(path);
  return byIdPaths.find((path) => !isNumber(path)) ?? byIdPaths[0];
}

/** The path of a device for a configuration: one that stays when the kernel gives other names, where it has such. */
export function configuredName(block: BlockFacts, facts: StorageFacts): string {
  const kept = [...devicesNamed(block, facts)].find((name) => keptNames.test(name));
  return kept ?? stablePath(block) ?? block.path ?? block.name;
}

/** Names that a partition keeps, and those of opened containers and volumes. */
const keptNames = /^\/dev\/(disk\/by-partuuid|mapper)\//;
