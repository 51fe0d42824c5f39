import type { NixValue } from "../../../nix/nix-text.ts";
import type { NixosSettings } from "../../content-type.ts";
import type { Located } from "../../tree/locate.ts";
import type { LuksNode } from "./schema.ts";

/** Returns the NixOS options of a container. Disko's `settings` are those of NixOS, so all of them are passed on. */
export function luksInNixos({ node, installed }: Located<LuksNode>): NixosSettings {
  const { name, initrdUnlock, settings, enrollFido2 } = node;
  if (!initrdUnlock) return {};
  const own = settings as Record<string, NixValue>;
  const device: Record<string, NixValue> = { ...own, device: installed };
  if (!enrollFido2) return { "boot.initrd.luks.devices": { [name]: device } };
  return {
    "boot.initrd.luks.devices": { [name]: { ...device, crypttabExtraOpts: withToken(own["crypttabExtraOpts"]) } },
    // Nothing but systemd opens containers by tokens.
    "boot.initrd.systemd.enable": true,
  };
}

function withToken(options: NixValue | undefined): NixValue {
  const own = Array.isArray(options) ? (options as readonly NixValue[]) : [];
  const hasOne = own.some((option) => String(option).startsWith("fido2-device="));
  return hasOne ? own : [...own, "fido2-device=auto"];
}
