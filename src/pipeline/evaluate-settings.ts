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

const schema = z.object({ boot: z.unknown(), image: imageSettingsSchema });

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
  const expression = `whole: let found = (${imageSettingsExpression(wantsOwn)}) whole; in {
    image = found.settings;
    boot = (${bootSettingsExpression}) found.config;
  }`;
  const { boot, image } = schema.parse(await evaluateWhole(configuration, expression, options));
  return { boot: parseBootSettings(boot), image };
}
