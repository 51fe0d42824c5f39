# Builds a small image in the sandbox, without Nix or a guest, and has it verified.
{ pkgs, mkimage }:
pkgs.runCommand "mkimage-builds" { nativeBuildInputs = [ mkimage ]; } ''
  mkdir -p tree/etc
  echo welcome >tree/etc/motd
  mkimage build --root tree --owner root --partition hybrid --format qcow2 --out image
  mkimage verify image/nixos.qcow2
  cp image/image.json "$out"
''
