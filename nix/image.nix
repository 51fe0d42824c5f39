# One build of images as a derivation. It runs in Nix's sandbox and asks builders for no feature: where there is no /dev/kvm,
# guests are emulated.
{ pkgs, mkimage }:
{
  name,
  # The system to install.
  toplevel,
  # The keys of a `--config` file.
  request,
  # Packages whose programs the hook of the request calls.
  hookPackages ? [ ],
}:
let
  # Nix cannot be asked in the sandbox. mkimage's own closure is for the guests that run its programs.
  closureInfo = pkgs.closureInfo {
    rootPaths = [
      toplevel
      mkimage
    ]
    ++ (request.additionalPaths or [ ])
    ++ (if request ? channel then [ request.channel ] else [ ]);
  };
  config = pkgs.writeText "${name}.json" (builtins.toJSON (request // { closureInfo = "${closureInfo}"; }));
in
pkgs.runCommand name
  {
    nativeBuildInputs = [ mkimage ] ++ hookPackages;
    # An image needs nothing of the store that it was made from, although it and image.json name the paths in it.
    __structuredAttrs = true;
    unsafeDiscardReferences.out = true;
    passthru = { inherit request; };
  }
  # Files have the time that the command line gives them, and not stdenv's.
  ''
    unset SOURCE_DATE_EPOCH
    mkimage build ${toplevel} --config ${config} --out "$out"
  ''
