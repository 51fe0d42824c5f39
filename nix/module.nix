# For NixOS: `mkimage.*`, the options of `mkimage build`; `system.build.mkimage`, the images; and `image.modules.mkimage-*`, so
# that `nixos-rebuild build-image --image-variant mkimage-efi` makes one, and `mkimage-amazon` that for a cloud.
{
  config,
  options,
  lib,
  pkgs,
  extendModules,
  ...
}:
let
  inherit (lib) types mkOption;
  settings = import ./settings.nix;
  layouts = builtins.filter (layout: layout != "none") settings.options.partition.choices;
  cfg = config.mkimage;

  contentType = types.submodule {
    options =
      lib.genAttrs
        [
          "source"
          "target"
        ]
        (
          name:
          mkOption {
            type = textOrPath;
            description = "Its ${name}.";
          }
        )
      // lib.genAttrs [ "mode" "user" "group" ] (
        name:
        mkOption {
          type = types.nullOr types.str;
          default = null;
          description = "Its ${name}.";
        }
      );
  };
  # A path is copied to the store.
  textOrPath = types.either types.path types.str;
  size = types.either types.ints.positive types.str;
  types' = {
    boolean = types.bool;
    number = types.ints.positive;
    list = types.listOf textOrPath;
    pairs = types.listOf (types.listOf textOrPath);
    contents = types.listOf contentType;
  };
  choicesOf =
    option: if option.kind == "number" then map builtins.fromJSON option.choices else option.choices;
  typeOf =
    option:
    if option.choices != [ ] then
      types.enum (choicesOf option)
    else
      types'.${option.kind} or (if option.placeholder == "SIZE" then size else textOrPath);

  optionOf =
    _: option:
    mkOption {
      type = types.nullOr (typeOf option);
      default = null;
      description =
        "${option.description}." + lib.optionalString (option ? default) " By default ${option.default}.";
    };

  withoutNull = lib.filterAttrs (_: value: value != null);
  request =
    withoutNull (removeAttrs cfg [ "package" ])
    // lib.optionalAttrs (cfg.contents != null) { contents = map withoutNull cfg.contents; };
  images = import ./make-images.nix {
    nixosConfig = { inherit config extendModules; };
    inherit pkgs;
    mkimage = cfg.package;
    settings = request;
  };

  variant =
    partition:
    {
      config,
      lib,
      modulesPath,
      ...
    }:
    {
      imports = [ (modulesPath + "/image/file-options.nix") ];
      mkimage = {
        inherit partition;
        baseName = lib.mkDefault config.image.baseName;
        format = lib.mkDefault "raw";
      };
      image.extension = settings.endings.${config.mkimage.format};
      system.build.image = config.system.build.mkimage;
    };

  # The image of one of nixpkgs' own variants, with what that changes of the system.
  cloudVariant =
    name:
    let
      ofNixpkgs = config.image.modules.${name};
    in
    {
      config,
      lib,
      ...
    }:
    {
      imports = [ ofNixpkgs ];
      mkimage = {
        variant = name;
        baseName = lib.mkDefault config.image.baseName;
      };
      image.extension = lib.mkForce settings.variants.${name};
      system.build.image = lib.mkForce config.system.build.mkimage;
    };

  named =
    moduleOf: names:
    builtins.listToAttrs (map (name: lib.nameValuePair "mkimage-${name}" (moduleOf name)) names);
in
{
  options.mkimage = lib.mapAttrs optionOf settings.options // {
    package = mkOption {
      type = types.package;
      default = import ./package.nix { inherit pkgs; };
      defaultText = lib.literalMD "this flake's package, of `pkgs`";
      description = "The mkimage that makes the images.";
    };
  };

  config = {
    system.build.mkimage = images;
  }
  # nixpkgs has variants of images since 25.05.
  // lib.optionalAttrs (options ? image.modules) {
    image.modules =
      named variant layouts // named cloudVariant (builtins.attrNames settings.variants);
  };
}
