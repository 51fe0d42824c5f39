import type { NixosSettings } from "../../content-type.ts";
import type { Located } from "../../tree/locate.ts";
import type { SwapNode } from "./schema.ts";

/** Swap space that is switched on at boot, and from which the system resumes. */
export function swapInNixos({ node, installed }: Located<SwapNode>): NixosSettings {
  const { discardPolicy, priority, randomEncryption, mountOptions, resumeDevice } = node;
  const device = {
    device: installed,
    ...(discardPolicy === null ? {} : { discardPolicy }),
    ...(priority === null ? {} : { priority }),
    ...(randomEncryption ? { randomEncryption: { enable: true, allowDiscards: discardPolicy !== null } } : {}),
    options: mountOptions,
  };
  return { swapDevices: [device], ...(resumeDevice ? { "boot.resumeDevice": installed } : {}) };
}
