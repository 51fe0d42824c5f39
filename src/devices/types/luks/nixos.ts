import type { NixValue } from "../../../nix/nix-text.ts";
import type { NixosSettings } from "../../content-type.ts";
import type { Located } from "../../tree/locate.ts";
import type { LuksNode } from "./schema.ts";

/** Returns the NixOS options of a container. Disko's `settings` are those of NixOS, so all of them are passed on. */
export function luksInNixos({ node, installed }: Located<LuksNode>): NixosSettings {
  const { name, initrdUnlock, settings } = node;
  if (!initrdUnlock) return {};
  return { "boot.initrd.luks.devices": { [name]: { ...(settings as Record<string, NixValue>), device: installed } } };
}
