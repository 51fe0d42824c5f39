import type { NixosSettings } from "../content-type.ts";

/** An entry of `fileSystems`; none without a mount point. */
export function mountInNixos(
  mountpoint: string | null,
  device: string,
  fsType: string,
  options: readonly string[],
): NixosSettings {
  return mountpoint === null ? {} : { fileSystems: { [mountpoint]: { device, fsType, options } } };
}
