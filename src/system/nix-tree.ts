import { nixString } from "./nix-text.ts";

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
 * A Nix expression for the tree in a file: an attribute set, or a function of `{ lib, … }`. Pure.
 *
 * @param file an absolute path.
 */
export function fileExpression(file: string, request: NixTreeRequest): string {
  return `(${plainTree}) (${applied(`import ${nixPath(file)}`, request)})`;
}

/** A Nix function that makes plain data of what a flake has under `diskoConfigurations.NAME`. Pure. */
export function flakeFunction(request: NixTreeRequest): string {
  return `value: (${plainTree}) (${applied("value", request)})`;
}

/**
 * A Nix function that makes plain data of an evaluated tree: functions and names that begin with `_` are disko's own
 * machinery, and paths stay text, so that no secret is copied to the store.
 */
export const plainTree = `let
  isData = set: name: builtins.substring 0 1 name != "_" && !builtins.isFunction set.\${name};
  plain = value:
    if builtins.isAttrs value then
      (if (value.type or null) == "derivation" then toString value
       else builtins.listToAttrs (map (name: { inherit name; value = plain value.\${name}; })
         (builtins.filter (isData value) (builtins.attrNames value))))
    else if builtins.isList value then map plain (builtins.filter (one: !builtins.isFunction one) value)
    else if builtins.isPath value then toString value
    else value;
in plain`;

/** A function is called with \`lib\` where it may want it, and with the user's arguments. */
function applied(value: string, request: NixTreeRequest): string {
  const given = [
    ...Object.entries(request.expressions).map(([name, text]) => `${nixString(name)} = (${text}\n);`),
    ...Object.entries(request.strings).map(([name, text]) => `${nixString(name)} = ${nixString(text)};`),
  ];
  return `let
    it = ${value};
    named = builtins.functionArgs it;
    lib = ${libExpression(request.lib)};
    own = if named == { } || named ? lib then { inherit lib; } else { };
  in if builtins.isFunction it then it (own // { ${given.join(" ")} }) else it`;
}

function libExpression(lib: string | undefined): string {
  if (lib !== undefined)
    return `let path = ${nixPath(lib)}; in import (if builtins.pathExists (path + "/lib/default.nix") then path + "/lib" else path)`;
  return `let found = builtins.tryEval <nixpkgs/lib>; in
    if found.success then import found.value else throw ${nixString(missingLib)}`;
}

/** What Nix says when a file needs \`lib\`, and there is none. */
export const missingLib = "it needs lib, and there is no nixpkgs in NIX_PATH: give --lib PATH-OF-NIXPKGS";

function nixPath(path: string): string {
  return `(/. + ${nixString(path)})`;
}
