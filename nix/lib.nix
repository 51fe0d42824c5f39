# What the flake has as `lib`; without flakes, import this file.
{
  makeDiskImage = import ./make-disk-image.nix;
  makeDiskoImages = import ./make-disko-images.nix;
  makeFleet = import ./make-fleet.nix;
}
