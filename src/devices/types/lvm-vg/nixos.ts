import type { NixosSettings } from "../../content-type.ts";
import { volumeModules } from "./modules.ts";
import type { LvmVgNode } from "./schema.ts";

/** As NixOS, which opens thin volumes with snapshots of them in mind, whether there are any or not. */
export function lvmInNixos({ lvs }: LvmVgNode): NixosSettings {
  const volumes = Object.values(lvs);
  const isThin = volumes.some(({ lvm_type }) => lvm_type === "thin-pool" || lvm_type === "thinlv");
  const modules = [...volumes.flatMap(volumeModules), ...(isThin ? ["dm_snapshot"] : [])];
  const names = [...new Set(modules.map((name) => name.replaceAll("_", "-")))].toSorted();
  return {
    ...(names.length === 0 ? {} : { "boot.initrd.kernelModules": names }),
    ...(isThin ? { "services.lvm.boot.thin.enable": true } : {}),
  };
}
