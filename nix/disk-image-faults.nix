# What is wrong with the arguments of make-disk-image, a line each: nixpkgs' assertions, but for those that only its own
# way of making an image needs.
given:
let
  fsType = given.fsType or "ext4";
  deterministic = given.deterministic or true;
  onlyNixStore = given.onlyNixStore or false;
  contents = given.contents or [ ];
  partitionTableType = given.partitionTableType or "legacy";
  reproducible = given.reproducible or false;
  populateRootWith = given.populateRootWith or (if reproducible then "mke2fs" else "cptofs");

  isExt = builtins.elem fsType [
    "ext2"
    "ext3"
    "ext4"
  ];
  hasVariables = builtins.elem partitionTableType [
    "efi"
    "efixbootldr"
    "hybrid"
    "legacy+gpt"
  ];
  isPopulator = builtins.elem populateRootWith [
    "cptofs"
    "mke2fs"
  ];
  isMore = contents != [ ] || (given.configFile or null) != null || (given.installBootLoader or false);
  hasOneOwner = content: ((content.user or null) == null) != ((content.group or null) == null);
  halfOwned = builtins.filter hasOneOwner contents;

  rules = [
    {
      broken = given ? rootFSUID && given.rootFSUID == null && fsType == "ext4" && deterministic;
      fault = "rootFSUID: is null, and with deterministic an ext4 has to have one; leave it out for that of rootGPUID";
    }
    {
      broken = !isPopulator;
      fault = "populateRootWith: ${builtins.toJSON populateRootWith} is none of cptofs, mke2fs";
    }
    {
      broken = populateRootWith == "mke2fs" && !isExt;
      fault = "populateRootWith: mke2fs makes ext4, and fsType is ${fsType}";
    }
    {
      broken = reproducible && !(deterministic && populateRootWith == "mke2fs" && isExt);
      fault = "reproducible: needs deterministic, and an ext4 made by mke2fs";
    }
    {
      broken = (given.touchEFIVars or false) && !hasVariables;
      fault = "touchEFIVars: not with partitionTableType ${partitionTableType}; use efi, efixbootldr, hybrid or legacy+gpt";
    }
    {
      broken = onlyNixStore && isMore;
      fault = "onlyNixStore: the image holds store paths only; drop contents, configFile and installBootLoader";
    }
    {
      broken = halfOwned != [ ];
      fault = "contents: set both user and group, or neither (${
        builtins.concatStringsSep ", " (map (content: content.target) halfOwned)
      })";
    }
    {
      broken = given ? OVMF && given.OVMF.systemManagementModeRequired or false;
      fault = "OVMF: it needs System Management Mode, which guests lack; leave it out for the firmware that QEMU comes with";
    }
  ];
in
map (rule: rule.fault) (builtins.filter (rule: rule.broken) rules)
