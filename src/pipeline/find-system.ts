import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { type BootSettings, findBootSettings } from "../bootloaders/boot-settings.ts";
import { findGrowth } from "../bootloaders/growth/find-growth.ts";
import type { Installer } from "../bootloaders/installer.ts";
import { readSystem } from "../bootloaders/read-system.ts";
import { localStore } from "../bootloaders/store-reader.ts";
import { type Architecture, architectureOf } from "../guest/architecture.ts";
import type { Configuration } from "../nix/configuration.ts";
import type { ImageSettings } from "../nix/image-settings.ts";
import type { NixOptions } from "../nix/nix.ts";
import { resolveSystem } from "../nix/resolve.ts";
import { systemSourceFor } from "../nix/source.ts";
import type { Request } from "../request/schema.ts";
import { wantsOwnDisks } from "./choose-devices.ts";
import { type EvaluatedSystem, evaluateSettings } from "./evaluate-settings.ts";
import type { InstalledSystem } from "./plan/source.ts";

/** The system of an image, and the configuration that it is built from, where it has one. */
interface FoundSystem {
  readonly system: InstalledSystem;
  readonly configuration: Configuration | undefined;
  /** The settings of the configuration for its images. */
  readonly settings: ImageSettings | undefined;
}

/**
 * Resolves and builds the system of a request, with the settings of its configuration; `undefined` for an image of store paths
 * alone.
 *
 * @param target as in `prepare`.
 * @param evaluated what is known of it, where it was evaluated with others.
 * @throws MkimageError RESOLVE_FAILED, NOT_A_SYSTEM.
 */
export async function findSystem(
  request: Request,
  target: string | undefined,
  options: NixOptions,
  evaluated: EvaluatedSystem | undefined,
): Promise<FoundSystem | undefined> {
  if (needsNoSystem(request, target)) return undefined;
  const source = systemSourceFor(target, request.file, request.attr);
  const { toplevel, configuration, asked } = await resolveSystem(source, {
    ...options,
    image: request.variant,
    ask: async (named) => {
      const settings = evaluated ?? (await evaluateSettings(named, wantsOwnDisks(request), options));
      return {
        configuration: settings.image.isExtended ? { ...named, isExtended: true as const } : named,
        derivation: evaluated?.derivation,
        asked: settings,
      };
    },
  });
  const system = await systemAt(toplevel, request, asked?.boot, options);
  return { system, configuration, settings: asked?.image };
}

function needsNoSystem(request: Request, target: string | undefined): boolean {
  const isNamed = target !== undefined || request.file !== undefined;
  return request.onlyNixStore && !isNamed && request.additionalPaths.length > 0;
}

/** Reads what a built system says of itself. */
async function systemAt(
  toplevel: string,
  { bootDevice }: Request,
  evaluated: BootSettings | undefined,
  { signal }: NixOptions,
): Promise<InstalledSystem> {
  const system = readSystem(toplevel);
  const { devices, firmware } = bootSettingsOf(system.installer, evaluated);
  return {
    ...system,
    architecture: architectureOfSystem(toplevel),
    bootDevices: bootDevice.length > 0 ? bootDevice : devices,
    firmware,
    fstab: localStore.read(join(toplevel, "etc/fstab"))?.toString("utf8") ?? "",
    growth: await findGrowth(toplevel, localStore, signal === undefined ? {} : { signal }),
  };
}

/** The settings of the configuration; where it has none, those of the built system. */
function bootSettingsOf(installer: Installer, evaluated: BootSettings | undefined): BootSettings {
  const built = findBootSettings(installer);
  if (evaluated === undefined) return built;
  const { devices, firmware } = evaluated;
  return { devices: devices.length > 0 ? devices : built.devices, firmware: firmware ?? built.firmware };
}

/** Systems of before 2014 do not say; they are of this machine's kind. */
function architectureOfSystem(toplevel: string): Architecture {
  const file = join(toplevel, "system");
  const name = existsSync(file) ? readFileSync(file, "utf8").trim() : "x86_64-linux";
  const architecture = architectureOf(name);
  if (architecture !== undefined) return architecture;
  throw new MkimageError("NOT_A_SYSTEM", `${toplevel} is a system for ${name}`, {
    hint: "images are made for x86_64-linux and aarch64-linux",
  });
}
