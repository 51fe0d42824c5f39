# Images of many systems, a derivation a host, so that Nix's remote builders and Hydra share out the work. Beside `hosts` and
# `mkimage`, its arguments are options of `mkimage build`, for all of them.
{ hosts, ... }@given:
let
  options = removeAttrs given [
    "hosts"
    "mkimage"
  ];
  # A variant has a configuration of its own.
  ofVariant =
    nixosConfig: variant:
    nixosConfig // { inherit (nixosConfig.config.system.build.images.${variant}.passthru) config; };
  imagesOf =
    host: whole:
    let
      nixosConfig = if given ? variant then ofVariant whole given.variant else whole;
    in
    import ./make-images.nix (
      {
        inherit nixosConfig;
        settings = {
          name = host;
          baseName = host;
        }
        // options;
      }
      // (if given ? mkimage then { inherit (given) mkimage; } else { })
    );
in
builtins.mapAttrs imagesOf hosts
