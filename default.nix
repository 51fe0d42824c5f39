# mkimage, for those without flakes: nix-build, or import PATH { inherit pkgs; }.
{
  pkgs ? import <nixpkgs> { },
}:
import ./nix/package.nix { inherit pkgs; }
