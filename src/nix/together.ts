import * as z from "zod";
import { type Configuration, flakeInstallable } from "./configuration.ts";
import { nix, type NixOptions } from "./nix.ts";
import { nixString } from "./nix-text.ts";

/** A configuration of a flake. */
export type FlakeConfiguration = Configuration & { readonly kind: "flake" };

/**
 * The values of a Nix function applied to what `nixosSystem` gives for each of some configurations of one flake, in one evaluation: what
 * they have in common is read once, and all of them see the same state of the flake.
 *
 * @param apply as in `evaluateWhole`.
 * @throws MkimageError RESOLVE_FAILED with Nix's own words where it fails for any of them.
 */
export async function evaluateTogether(
  flake: string,
  configurations: readonly FlakeConfiguration[],
  apply: string,
  options: NixOptions = {},
): Promise<readonly unknown[]> {
  const purpose = `evaluating ${configurations.map(({ name }) => name).join(", ")} of ${flake} together`;
  const asked = configurations.map((configuration) => `(ask all${pathOf(configuration)})`);
  const together = `all: let ask = ${apply}; in [ ${asked.join(" ")} ]`;
  const arguments_ = ["--json", flakeInstallable(flake, "nixosConfigurations"), "--apply", together];
  return z.array(z.unknown()).parse(JSON.parse(await nix(purpose, "eval", arguments_, options)));
}

function pathOf({ name, image }: FlakeConfiguration): string {
  const inner = image === undefined ? "" : `.config.system.build.images.${nixString(image)}.passthru`;
  return `.${nixString(name)}${inner}`;
}
