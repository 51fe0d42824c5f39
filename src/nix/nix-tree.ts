import { moduleValues, ownLib } from "./module-values.ts";
import { nixString } from "./nix-text.ts";
import { treeRecords } from "./tree-records.ts";

/** How a Nix file or a flake is asked for its device tree. */
export interface NixTreeRequest {
  /** The folder of nixpkgs, or of its `lib`, for files that need one. Default: `<nixpkgs>`. */
  readonly lib?: string | undefined;
  /** Arguments of a function, as Nix expressions. */
  readonly expressions: Readonly<Record<string, string>>;
  /** Arguments of a function, as text. */
  readonly strings: Readonly<Record<string, string>>;
}

/**
 * A Nix expression for the tree in a file: an attribute set, or a function of `{ lib, … }`, of which nothing but
 * `disko.devices` is evaluated. It gives `{ devices, unseen }`, where `unseen` names the imports that cannot be looked at.
 * Pure.
 *
 * @param file an absolute path.
 */
export function fileExpression(file: string, request: NixTreeRequest): string {
  return `(${treeFunction}) { ${givenTo(request)} } ${nixString(file)} (import ${nixPath(file)})`;
}

/** The same as a Nix function of what a flake has under `diskoConfigurations.NAME`. Pure. */
export function flakeFunction(request: NixTreeRequest): string {
  return `(${treeFunction}) { ${givenTo(request)} } "the tree"`;
}

/**
 * A Nix function that makes plain data of an evaluated tree: functions, and names that begin with `_` where no user gives
 * names, are disko's own machinery, and paths stay text, so that no secret is copied to the store.
 */
export const plainTree = `let
  records = ${treeRecords};
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
in devices: builtins.deepSeq (tree devices) (tree devices)`;

/**
 * A Nix function of what the user gives, a name, and what a file holds. The file is taken for a module of NixOS, with
 * imports, and arguments of which only some are known without the whole configuration.
 */
const treeFunction = `{ lib, given }: file: content: let
  inherit ((${moduleValues}) { inherit lib; }) select merge;
  known = { inherit lib; config.disko.devices = devices; } // given;
  argumentsOf = { key, value, ... }: let
      all = builtins.functionArgs value;
      names = builtins.filter (name: builtins.hasAttr name known || !builtins.getAttr name all) (builtins.attrNames all);
      unknown = name: throw (key + " is a function of " + name + ", which is not known here: give it with --arg");
      argument = name: { inherit name; value = if builtins.hasAttr name known then builtins.getAttr name known else unknown name; };
    in if all == { } then known else builtins.listToAttrs (map argument names) // (if key == file then given else { });
  bodyOf = module: if builtins.isFunction module.value then module.value (argumentsOf module) else module.value;
  inner = name: body: if builtins.isAttrs body && builtins.hasAttr name body then [ (builtins.getAttr name body) ] else [ ];

  importsOf = module: let
      lists = builtins.tryEval (inner "imports" (bodyOf module));
      list = if lists.value == [ ] then { success = true; value = [ ]; } else builtins.tryEval (builtins.head lists.value);
      entry = index: let
          one = builtins.tryEval (builtins.elemAt list.value index);
          isFile = builtins.isPath one.value || builtins.isString one.value;
          name = module.key + ", import " + toString (index + 1);
        in { isSeen = one.success; key = if one.success && isFile then toString one.value else name; value = if isFile then import one.value else one.value; };
    in if !module.isSeen then [ ]
    else if !lists.success || !list.success then [ { key = module.key + ", its imports"; isSeen = false; value = null; } ]
    else builtins.genList entry (builtins.length list.value);
  modules = builtins.genericClosure { startSet = [ { key = file; isSeen = true; value = content; } ]; operator = importsOf; };

  bodies = builtins.concatMap (module: if !module.isSeen then [ ] else [ (bodyOf module) ] ++ inner "config" (bodyOf module)) modules;
  definitions = builtins.concatMap (one: select "devices" one.value) (builtins.concatMap (select "disko") bodies);
  isTree = inner "imports" own ++ inner "config" own ++ inner "disko" own == [ ];
  own = bodyOf (builtins.head modules);
  devices = merge (if definitions == [ ] && isTree then [ { value = own; place = null; } ] else definitions);
  unseen = map (module: module.key) (builtins.filter (module: !module.isSeen) modules);
in builtins.deepSeq devices { inherit devices unseen; }`;

function givenTo({ lib, expressions, strings }: NixTreeRequest): string {
  const given = [
    ...Object.entries(expressions).map(([name, text]) => `${nixString(name)} = (${text}\n);`),
    ...Object.entries(strings).map(([name, text]) => `${nixString(name)} = ${nixString(text)};`),
  ];
  return `lib = ${libExpression(lib)}; given = { ${given.join(" ")} };`;
}

function libExpression(lib: string | undefined): string {
  if (lib !== undefined)
    return `let path = ${nixPath(lib)}; in import (if builtins.pathExists (path + "/lib/default.nix") then path + "/lib" else path)`;
  return `let found = builtins.tryEval <nixpkgs/lib>; in if found.success then import found.value else ${ownLib}`;
}

/** A Nix expression for whether a nixpkgs with its own `lib` is found. */
export const hasNixpkgs = "(builtins.tryEval <nixpkgs/lib>).success";

function nixPath(path: string): string {
  return `(/. + ${nixString(path)})`;
}
