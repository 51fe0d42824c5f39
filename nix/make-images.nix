# Images of a system: of its own `disko.devices` where it has some and no other disks are asked for, else one of a partition
# table, or for a cloud.
{
  # What `nixosSystem` gives.
  nixosConfig,
  pkgs ? nixosConfig.pkgs,
  mkimage ? import ./package.nix { inherit pkgs; },
  # Options of `mkimage build`.
  settings ? { },
}:
let
  inherit (nixosConfig) config;
  inherit (import ./settings.nix) faultsOf unless;
  hasOwnDisks = (config.disko.devices.disk or { }) != { };
  asksForOthers =
    settings ? partition || settings ? variant || settings ? devices || (settings.onlyNixStore or false);
  # As the configuration of a variant says it to nixpkgs.
  diskSize = config.virtualisation.diskSize or null;
  sizeOfVariant = if settings ? variant && diskSize != null then { size = diskSize; } else { };
in
if hasOwnDisks && !asksForOthers then
  import ./make-disko-images.nix {
    inherit
      nixosConfig
      pkgs
      mkimage
      settings
      ;
  }
else
  unless "mkimage" (faultsOf (key: key) settings) (
    import ./image.nix { inherit pkgs mkimage; } {
      name = settings.name or "nixos-disk-image";
      inherit (config.system.build) toplevel;
      request = sizeOfVariant // settings;
    }
  )
