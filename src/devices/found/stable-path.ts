import type { BlockFacts } from "./facts.ts";

/** The path that says what disk it is: numbers of buses and of worlds only where there is nothing else. */
export function stablePath({ byIdPaths }: BlockFacts): string | undefined {
  const isNumber = (path: string) => /\/(wwn-|nvme-(eui|nvme)\.|scsi-\d|dm-|lvm-|md-)/.test(path);
  return byIdPaths.find((path) => !isNumber(path)) ?? byIdPaths[0];
}
