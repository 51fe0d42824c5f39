# Images of the disks that a system's own `disko.devices` describe, one file each, as disko's image builder makes them.
{
  # What `nixosSystem` gives.
  nixosConfig,
  pkgs ? nixosConfig.pkgs,
  mkimage ? import ./package.nix { inherit pkgs; },
  name ? null,
  extraPostVM ? null,
  # Further options of `mkimage build`.
  settings ? { },
}:
let
  inherit (pkgs) lib;
  inherit (import ./settings.nix) faultsOf unless;

  builderOf = system: system.config.disko.imageBuilder or { };
  extraConfig = (builderOf nixosConfig).extraConfig or { };
  # As disko does: an image can have another configuration than the machine.
  system = if extraConfig == { } then nixosConfig else nixosConfig.extendModules { modules = [ extraConfig ]; };
  inherit (system) config;
  builder = builderOf system;

  devices = config.disko.devices or { };
  # disko says 2G where nobody says anything.
  withoutDefaultSize = disk: if disk.imageSize or "2G" == "2G" then removeAttrs disk [ "imageSize" ] else disk;
  plain = import ./plain-tree.nix devices;
  tree = plain // {
    disk = lib.mapAttrs (_: withoutDefaultSize) plain.disk;
  };

  request =
    lib.filterAttrs (_: value: value != null) {
      format = builder.imageFormat or null;
      memSize = config.disko.memSize or null;
      postVm = if extraPostVM == null then builder.extraPostVM or null else extraPostVM;
    }
    // {
      devices = "${
        pkgs.writeText "devices.json" (
          builtins.toJSON {
            evaluated = true;
            disko.devices = tree;
          }
        )
      }";
    }
    // settings;

  faults =
    faultsOf (key: "settings.${key}") settings
    ++ lib.optional (
      devices.disk or { } == { }
    ) "nixosConfig: it has no disko.devices with a disk; import disko's module, or use makeDiskImage"
    ++ lib.optional (!(builder.copyNixStore or true)) "disko.imageBuilder.copyNixStore: images hold the system";
in
unless "makeDiskoImages" faults (
  import ./image.nix { inherit pkgs mkimage; } {
    name =
      if name == null then
        builder.name or settings.name or "${config.networking.hostName}-disko-images"
      else
        name;
    inherit (config.system.build) toplevel;
    inherit request;
    # Of disko's machine, and for its hook.
    hookPackages = builder.extraDependencies or [ ];
  }
)
