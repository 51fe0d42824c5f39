# Written by `make docs`: plain data of the disko.devices of an evaluated configuration.
let
  records = [ "partitions" "lvs" "subvolumes" "datasets" "swap" ];
  isData = set: name: builtins.substring 0 1 name != "_" && !builtins.isFunction (builtins.getAttr name set);
  data = set: map (name: { inherit name; value = builtins.getAttr name set; }) (builtins.filter (isData set) (builtins.attrNames set));
  record = value: if builtins.isAttrs value then builtins.mapAttrs (_: plain) value else plain value;
  node = { name, value }: { inherit name; value = if builtins.elem name records then record value else plain value; };
  plain = value:
    if builtins.isAttrs value then
      (if (value.type or null) == "derivation" then toString value else builtins.listToAttrs (map node (data value)))
    else if builtins.isList value then map plain (builtins.filter (one: !builtins.isFunction one) value)
    else if builtins.isPath value then toString value
    else value;
  tree = devices: builtins.mapAttrs (_: record) (builtins.listToAttrs (data devices));
in devices: builtins.deepSeq (tree devices) (tree devices)
