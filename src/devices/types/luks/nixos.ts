import type { NixValue } from "../../../nix/nix-text.ts";
import type { NixosSettings } from "../../content-type.ts";
import type { Located } from "../../tree/locate.ts";
import type { LuksNode } from "./schema.ts";

/** What disko takes as settings is what NixOS takes, so all of it goes there. */
export function luksInNixos({ node, installed }: Located<LuksNode>): NixosSettings {
  const { name, initrdUnlock, settings } = node;
  if (!initrdUnlock) return {};
  return { "boot.initrd.luks.devices": { [name]: { ...(settings as Record<string, NixValue>), device: installed } } };
}
