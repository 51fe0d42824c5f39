# One build of images as a derivation. It runs in Nix's sandbox and asks builders for no feature: where there is no /dev/kvm,
# guests are emulated.
{ pkgs, mkimage }:
{
  name,
  # The system to install; null where only store paths go in.
  toplevel,
  # Further store paths that the request names.
  storePaths ? [ ],
  # The keys of a `--config` file.
  request,
  passthru ? { },
}:
let
  # Nix cannot be asked in the sandbox. mkimage's own closure is for the guests that run its programs.
  closureInfo = pkgs.closureInfo {
    rootPaths = (if toplevel == null then [ ] else [ toplevel ]) ++ storePaths ++ [ mkimage ];
  };
  config = pkgs.writeText "${name}.json" (builtins.toJSON (request // { closureInfo = "${closureInfo}"; }));
  system = if toplevel == null then "" else "${toplevel}";
in
pkgs.runCommand name
  {
    nativeBuildInputs = [ mkimage ];
    # An image needs nothing of the store that it was made from, although it and image.json name the paths in it.
    __structuredAttrs = true;
    unsafeDiscardReferences.out = true;
    passthru = {
      inherit request;
    }
    // passthru;
  }
  # Files have the time that the command line gives them, and not stdenv's.
  ''
    unset SOURCE_DATE_EPOCH
    mkimage build ${system} --config ${config} --out "$out"
  ''
