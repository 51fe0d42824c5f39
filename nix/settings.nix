# What a derivation may ask mkimage for, as `make docs` writes it from the program's schema.
let
  inherit (builtins.fromJSON (builtins.readFile ./options.json)) options endings variants;
  list = builtins.concatStringsSep ", ";

  faultOf =
    nameOf: settings: key:
    let
      choices = options.${key}.choices;
      value = settings.${key};
      isLegal = choices == [ ] || builtins.elem (toString value) choices;
    in
    if !(options ? ${key}) then
      [ "${nameOf key}: there is no such option; there are ${list (builtins.attrNames options)}" ]
    else if isLegal then
      [ ]
    else
      [ "${nameOf key}: ${builtins.toJSON value} is none of ${list choices}" ];
in
{
  inherit options endings variants;

  # What is wrong with settings, a line each. `nameOf` says what the user calls a key.
  faultsOf =
    nameOf: settings: builtins.concatLists (map (faultOf nameOf settings) (builtins.attrNames settings));

  # The value, unless there are faults.
  unless =
    function: faults: value:
    if faults == [ ] then value else throw "${function}: ${builtins.concatStringsSep "\n" ([ "" ] ++ faults)}";
}
