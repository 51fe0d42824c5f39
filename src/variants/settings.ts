import * as z from "zod";
import { partitions } from "../devices/presets/choices.ts";
import { type Configuration, evaluate } from "../nix/configuration.ts";
import type { NixOptions } from "../nix/nix.ts";
import type { Variant } from "./variant.ts";

/** In MiB, or with a suffix. */
const size = z.union([z.number(), z.string()]).nullish();

const settingsSchema = z.object({
  partition: z.enum(partitions).nullish(),
  size,
  additionalSpace: size,
  bootSize: size,
  baseName: z.string().nullish(),
  machine: z
    .object({
      name: z.string().nullish(),
      memory: z.number().nullish(),
      settings: z.record(z.string(), z.string()).default({}),
    })
    .nullish(),
  /** Options of those that are not heard, which are set. */
  unheard: z.array(z.string()),
  impossible: z.array(z.string()),
});

/** The settings that a configuration has for an image variant; null or absent where it says nothing. */
export type VariantSettings = z.output<typeof settingsSchema>;

/**
 * Asks the configuration of a variant what its image is to be.
 *
 * @throws MkimageError RESOLVE_FAILED with Nix's own words.
 */
export async function evaluateVariant(
  variant: Variant,
  configuration: Configuration,
  options: NixOptions,
): Promise<VariantSettings> {
  return settingsSchema.parse(await evaluate(configuration, settingsExpression(variant), options));
}

/** A Nix function of `config`. Options that a configuration does not have count as not set. Pure. */
function settingsExpression({ settings = "", unheard = [], impossible = [] }: Variant): string {
  return `config: {
  baseName = config.image.baseName or null;
  size = config.virtualisation.diskSize or null;
} // {${settings}} // {
  unheard = ${setAmong(unheard)};
  impossible = ${setAmong(impossible)};
}`;
}

function setAmong(options: readonly string[]): string {
  const items = options.map((option) => {
    const isSet = `!builtins.elem (config.${option} or null) [ null false [ ] { } "" ]`;
    return `(if ${isSet} then [ "${option}" ] else [ ])`;
  });
  return `builtins.concatLists [ ${items.join(" ")} ]`;
}
