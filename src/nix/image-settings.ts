import * as z from "zod";

/** The settings of a configuration for the images that are made of it. One that it does not have is `null`. */
export interface ImageSettings {
  /** Whether the disks are those of its own `disko.devices`. */
  readonly isOwn: boolean;
  /** Whether it has modules for images alone, and whether it takes them. */
  readonly hasExtraConfig: boolean;
  readonly isExtended: boolean;
  readonly imageFormat: string | null;
  readonly name: string | null;
  readonly extraPostVM: string | null;
  readonly memSize: number | null;
  /** Packages whose programs the hook may call: derivations to build, and the paths that they have. */
  readonly dependencies: readonly { readonly derivation: string | null; readonly path: string }[];
  readonly copyNixStore: boolean | null;
  readonly enableBinfmt: boolean | null;
  readonly extraRootModules: readonly string[];
  /** `image.baseName`, where somebody has set it. */
  readonly baseName: string | null;
}

export const imageSettingsSchema: z.ZodType<ImageSettings> = z.object({
  isOwn: z.boolean(),
  hasExtraConfig: z.boolean(),
  isExtended: z.boolean(),
  imageFormat: z.string().nullable(),
  name: z.string().nullable(),
  extraPostVM: z.string().nullable(),
  memSize: z.int().nullable(),
  dependencies: z.array(z.object({ derivation: z.string().nullable(), path: z.string() })),
  copyNixStore: z.boolean().nullable(),
  enableBinfmt: z.boolean().nullable(),
  extraRootModules: z.array(z.string()),
  baseName: z.string().nullable(),
});

/**
 * A Nix function of what `nixosSystem` gives for its `ImageSettings`, and the configuration that images are made of: disko's are
 * made of the one that `extraConfig` extends. `image.baseName` has a default in every NixOS, which is nobody's wish.
 *
 * @param wantsOwn whether its own disks are wanted, where it has some.
 */
export function imageSettingsExpression(wantsOwn: boolean): string {
  return `whole: let
  extra = whole.config.disko.imageBuilder.extraConfig or { };
  isOwn = ${wantsOwn} && whole.config.disko.devices.disk or { } != { };
  isExtended = isOwn && extra != { } && whole ? extendModules;
  config = (if isExtended then (${extendedByImageBuilder}) whole else whole).config;
  builder = config.disko.imageBuilder or { };
  get = name: builder.\${name} or null;
  hasBaseName = (whole.options.image.baseName.highestPrio or 100) < 1500;
  dependency = package: {
    derivation = package.drvPath or null;
    path = toString (package.bin or package);
  };
in {
  inherit config;
  settings = {
    inherit isOwn isExtended;
    hasExtraConfig = extra != { };
    imageFormat = get "imageFormat";
    name = if isOwn then get "name" else null;
    extraPostVM = get "extraPostVM";
    memSize = config.disko.memSize or null;
    dependencies = if isOwn then map dependency (builder.extraDependencies or [ ]) else [ ];
    copyNixStore = get "copyNixStore";
    enableBinfmt = get "enableBinfmt";
    extraRootModules = builder.extraRootModules or [ ];
    baseName = if hasBaseName then config.image.baseName or null else null;
  };
}`;
}

/** A Nix function from what `nixosSystem` gives to the same with the modules that disko has for images. */
export const extendedByImageBuilder =
  "whole: whole.extendModules { modules = [ whole.config.disko.imageBuilder.extraConfig ]; }";
