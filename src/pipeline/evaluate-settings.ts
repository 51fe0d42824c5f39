import * as z from "zod";
import { type BootSettings, bootSettingsExpression, parseBootSettings } from "../bootloaders/boot-settings.ts";
import { type Configuration, evaluateWhole } from "../nix/configuration.ts";
import { type ImageSettings, imageSettingsExpression, imageSettingsSchema } from "../nix/image-settings.ts";
import type { NixOptions } from "../nix/nix.ts";

/** All that is asked of a configuration before its system is built. */
interface ConfigurationSettings {
  readonly boot: BootSettings;
  readonly image: ImageSettings;
}

/** The same of a system that was evaluated with others. */
export interface EvaluatedSystem extends ConfigurationSettings {
  /** Of its toplevel; `undefined` where that is to be built by its name. */
  readonly derivation?: string | undefined;
}

const schema = z.object({ boot: z.unknown(), image: imageSettingsSchema, derivation: z.string().optional() });

/**
 * Asks a configuration for the settings of its bootloader and of its images, in one evaluation.
 *
 * @param wantsOwn whether its own disks are wanted, where it has some.
 * @throws MkimageError RESOLVE_FAILED with Nix's own words.
 */
export async function evaluateSettings(
  configuration: Configuration,
  wantsOwn: boolean,
  options: NixOptions,
): Promise<ConfigurationSettings> {
  return parseEvaluated(await evaluateWhole(configuration, settingsExpression(wantsOwn), options));
}

/** A Nix function of what `nixosSystem` gives for what `parseEvaluated` takes. */
export function settingsExpression(wantsOwn: boolean): string {
  return expressionOf(wantsOwn, "");
}

/** The same with the derivation of the system, which takes the evaluation of all of it. */
export function systemExpression(wantsOwn: boolean): string {
  return expressionOf(wantsOwn, "derivation = found.config.system.build.toplevel.drvPath;");
}

function expressionOf(wantsOwn: boolean, more: string): string {
  return `whole: let found = (${imageSettingsExpression(wantsOwn)}) whole; in {
    image = found.settings;
    boot = (${bootSettingsExpression}) found.config;
    ${more}
  }`;
}

/** Reads the value that Nix gives for one of these functions. */
export function parseEvaluated(value: unknown): EvaluatedSystem {
  const { boot, ...rest } = schema.parse(value);
  return { boot: parseBootSettings(boot), ...rest };
}
