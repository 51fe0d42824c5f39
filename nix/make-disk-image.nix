# nixpkgs' make-disk-image, made by mkimage: the arguments of all its forms, and its output. It also takes `mkimage`, a
# package, and `settings`, further options of `mkimage build`.
{ pkgs, config, ... }@given:
let
  inherit (pkgs) lib;
  inherit (import ./settings.nix) faultsOf unless;

  # Arguments that are options of mkimage, and what it calls them. Their defaults are the same.
  keys = {
    additionalPaths = "additionalPaths";
    additionalSpace = "additionalSpace";
    baseName = "baseName";
    bootSize = "bootSize";
    configFile = "configFile";
    contents = "contents";
    deterministic = "deterministic";
    diskSize = "size";
    format = "format";
    fsType = "fsType";
    installBootLoader = "installBootLoader";
    label = "label";
    memSize = "memSize";
    name = "name";
    onlyNixStore = "onlyNixStore";
    partitionTableType = "partition";
    postVM = "postVm";
    rootFSUID = "rootFsuid";
    rootGPUID = "rootGpuid";
    touchEFIVars = "touchEfiVars";
  };
  # An image is always reproducible, and its ext4 is laid out by neither cptofs nor mke2fs. The last three have no effect:
  # what the hash seed of a filesystem follows from is `settings.seed`.
  otherArguments = [
    "OVMF"
    "config"
    "copyChannel"
    "efiFirmware"
    "efiVariables"
    "lib"
    "mkimage"
    "pkgs"
    "settings"
    "populateRootWith"
    "reproducible"
    "rootFSHashSeed"
  ];
  argumentNames = builtins.attrNames keys ++ otherArguments;
  isOption = name: keys ? ${name};
  argumentOf = key: lib.findFirst (name: keys.${name} == key) key (builtins.attrNames keys);

  unknown = builtins.filter (name: !builtins.elem name argumentNames) (builtins.attrNames given);
  faults =
    map (name: "${name}: there is no such argument; there are ${lib.concatStringsSep ", " argumentNames}") unknown
    ++ faultsOf argumentOf options
    ++ faultsOf (key: "settings.${key}") settings
    ++ import ./disk-image-faults.nix given;

  settings = given.settings or { };
  # null stands for what is not given.
  isGiven = _: value: value != null;
  options = lib.mapAttrs' (name: value: lib.nameValuePair keys.${name} value) (
    lib.filterAttrs (name: value: isOption name && isGiven name value) given
  );
  contents = lib.optionalAttrs (options ? contents) {
    contents = map (lib.filterAttrs isGiven) options.contents;
  };
  # The filesystem has the identifier of its partition where it is given none.
  uuid = lib.optionalAttrs (given ? rootGPUID) { rootFsuid = given.rootGPUID; };

  # The firmware that QEMU comes with serves where none is given.
  ovmf = given.OVMF or pkgs.OVMF.fd;
  firmware = lib.optionalAttrs (given ? OVMF || given ? efiFirmware || given ? efiVariables) {
    firmware = given.efiFirmware or ovmf.firmware;
    variables = given.efiVariables or ovmf.variables;
  };

  inherit (config.system.nixos) version versionSuffix;
  channel = pkgs.runCommand "nixos-${version}" { sources = lib.cleanSource pkgs.path; } ''
    mkdir "$out"
    cp -r "$sources" "$out/nixos"
    chmod -R u+w "$out/nixos"
    rm -rf "$out/nixos/.git"
    [ -e "$out/nixos/nixpkgs" ] || ln -s . "$out/nixos/nixpkgs"
    printf %s ${lib.escapeShellArg versionSuffix} >"$out/nixos/.version-suffix"
  '';
  hasChannel = (given.copyChannel or true) && !(given.onlyNixStore or false);
in
unless "makeDiskImage" faults (
  import ./image.nix
    {
      inherit pkgs;
      mkimage = given.mkimage or (import ./package.nix { inherit pkgs; });
    }
    {
      name = given.name or "nixos-disk-image";
      inherit (config.system.build) toplevel;
      request =
        uuid // options // contents // firmware // lib.optionalAttrs hasChannel { channel = "${channel}"; } // settings;
    }
)
