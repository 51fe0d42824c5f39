import * as z from "zod";
import { MkimageError } from "../../base/errors.ts";
import { type Configuration, evaluateWhole } from "../../nix/configuration.ts";
import type { NixOptions } from "../../nix/nix.ts";
import { realise } from "../../nix/realise.ts";
import { nixString } from "../../nix/nix-text.ts";

/** How a configuration is to differ on the machine that it is installed on. */
interface Changes {
  /** Where disks are, by the names that the configuration has for them. */
  readonly devices: Readonly<Record<string, string>>;
  /** Whether the bootloader writes to the firmware of this machine. */
  readonly writesVariables: boolean;
  /** Further settings, as JSON. */
  readonly settings: string | undefined;
}

const derivationSchema = z.string().nullable();

/**
 * Builds the system of a configuration with changes, where it takes any; `undefined` where it is right as it is.
 *
 * @throws MkimageError RESOLVE_FAILED with Nix's own words; BAD_REQUEST for settings that are given for a configuration
 *   that takes no further modules.
 */
export async function buildChanged(
  configuration: Configuration,
  changes: Changes,
  options: NixOptions,
): Promise<string | undefined> {
  const derivation = derivationSchema.parse(await evaluateWhole(configuration, changedSystem(changes), options));
  if (derivation !== null) return realise("building the system for these disks", derivation, options);
  if (changes.settings !== undefined) throw takesNoModules();
  return undefined;
}

/** A configuration that takes no modules cannot change: then what it says has to fit, which others look at. */
export function takesNoModules(): MkimageError {
  return new MkimageError("BAD_REQUEST", "--system-config: this system takes no further settings", {
    hint: "name a configuration of a flake that is made by nixpkgs' lib.nixosSystem",
  });
}

/** Of these options other definitions are left out, as `mkVMOverride` of nixpkgs does it. */
function changedSystem({ devices, writesVariables, settings }: Changes): string {
  return `configuration:
let
  override = content: { _type = "override"; priority = 10; inherit content; };
  moved = builtins.fromJSON ${nixString(JSON.stringify(devices))};
  old = configuration.config.boot.loader.grub.devices or [ ];
  new = map (device: moved.\${device} or device) old;
  variables = configuration.config.boot.loader.efi.canTouchEfiVariables or false;
  when = condition: module: if condition then [ module ] else [ ];
  modules = when (new != old) { boot.loader.grub.devices = override new; }
    ++ when (variables != ${writesVariables}) { boot.loader.efi.canTouchEfiVariables = override ${writesVariables}; }
    ++ when ${settings !== undefined} (builtins.fromJSON ${nixString(settings ?? "{}")});
in if modules == [ ] || !(configuration ? extendModules) then null
  else (configuration.extendModules { inherit modules; }).config.system.build.toplevel.drvPath`;
}
