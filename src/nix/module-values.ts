import { treeRecords } from "./tree-records.ts";

/**
 * A Nix function that merges definitions as the module system does, without nixpkgs: `mkIf`, `mkMerge`, `mkOverride` and
 * `mkOrder` with all that are made of them are sets with a `_type`, and a node may be a function of `{ name, config, … }`.
 * It takes `{ lib }` and gives `{ select, merge }`:
 *
 * - `select name value`: the definitions of an attribute in a value that may be wrapped. No condition is evaluated of
 *   what has no such attribute, and nothing else of the value.
 * - `merge definitions`: the plain data of a device tree. What stays in conflict is thrown, with both places.
 *
 * Source: the merging of options in nixpkgs' lib/modules.nix, as its manual tells it. Of an override the least number
 * wins, 100 where there is none; lists are in the order of their numbers, 1000 where there is none.
 */
export const moduleValues = `{ lib }: let
  kindOf = value: if builtins.isAttrs value then value._type or null else null;
  wrap = value: definition: definition // { value = value // { content = definition.value; }; };
  select = name: value: let
      kind = kindOf value;
      inner = select name value.content;
    in
    if kind == "merge" then builtins.concatMap (select name) value.contents
    else if kind == "if" then (if inner == [ ] then [ ] else if value.condition then inner else [ ])
    else if kind == "override" || kind == "order" then map (wrap value) inner
    else if kind == "definition" then select name value.value
    else if builtins.isAttrs value && builtins.hasAttr name value
      then [ { value = builtins.getAttr name value; place = builtins.unsafeGetAttrPos name value; } ]
    else [ ];

  # What a definition stands for. The outer of two numbers holds.
  expand = definition@{ value, place, priority ? null, order ? null }: let
      kind = kindOf value;
      inner = value: changes: expand (definition // changes // { inherit value; });
    in
    if kind == "merge" then builtins.concatMap (one: inner one { }) value.contents
    else if kind == "if" then (if value.condition then inner value.content { } else [ ])
    else if kind == "override" then inner value.content { priority = if priority == null then value.priority else priority; }
    else if kind == "order" then inner value.content { order = if order == null then value.priority else order; }
    else if kind == "definition" then inner value.value { }
    else if kind != null then throw ("a value of the module system's type " + kind + " is no part of a device tree" + at place)
    else [ definition ];

  # What a function of the module system gives: a set, or one with imports and config.
  called = path: self: definition: let
      result = definition.value { name = builtins.head path; config = self; options = { }; inherit lib; };
      imports = if builtins.isAttrs result then result.imports or [ ] else [ ];
      rest = if builtins.isAttrs result then removeAttrs result [ "imports" "_file" "key" ] else result;
      body = if kindOf result == null && builtins.isAttrs result && result ? config && builtins.isAttrs result.config then rest.config else rest;
      parts = map (one: if builtins.isPath one || builtins.isString one then import one else one) imports ++ [ body ];
    in builtins.concatMap (value: opened path self (definition // { inherit value; })) parts;
  opened = path: self: definition: builtins.concatMap
    (one: if builtins.isFunction one.value then called path self one else [ one ]) (expand definition);

  priorityOf = one: let priority = one.priority or null; in if priority == null then 100 else priority;
  orderOf = one: let order = one.order or null; in if order == null then 1000 else order;
  least = builtins.foldl' (least: one: if least == null || priorityOf one < least then priorityOf one else least) null;
  isText = value: builtins.isAttrs value && (value ? outPath || value ? __toString);
  isSet = value: builtins.isAttrs value && !isText value;
  plain = value: if builtins.isPath value || isText value then toString value else value;

  # A path is a list of names, the last one first.
  shown = path: builtins.foldl' (text: name: if text == "" then name else text + "." + name) "" (reverse path);
  reverse = builtins.foldl' (list: one: [ one ] ++ list) [ ];
  at = place: if place == null then "" else " (" + place.file + ":" + toString place.line + ")";
  # Nix shows this where something in the value fails.
  traced = path: place: builtins.addErrorContext ("while evaluating \`" + shown path + "'" + at place);
  valueText = value:
    if builtins.isFunction value then "a function" else if builtins.isList value then "a list"
    else if builtins.isAttrs value then "a set" else builtins.toJSON value;

  # In a tree and in a record stand nodes under names of the user's; what a node has besides is plain data.
  records = ${treeRecords};
  insideOf = kind: name:
    if kind == "tree" then "record" else if kind == "record" then "node" else if kind != "node" then "data"
    else if builtins.elem name records then "record" else if name == "content" then "node" else "data";
  # Names with an underscore are disko's own machinery in a node, and names like any other elsewhere.
  isOwn = kind: name: (kind == "node" || kind == "tree") && builtins.substring 0 1 name == "_";

  mergeAt = kind: path: definitions: let
      isNode = kind == "node" || kind == "tree";
      found = builtins.concatMap (if isNode then opened path self else expand) definitions;
      winners = builtins.filter (one: priorityOf one == least found) found;
      values = map (one: plain one.value) winners;
      first = builtins.head values;
      members = map (name: { inherit name; result = mergeAt (insideOf kind name) ([ name ] ++ path) (membersOf name); })
        (builtins.filter (name: !isOwn kind name) (builtins.attrNames (builtins.foldl' (all: set: all // set) { } values)));
      membersOf = name: builtins.concatMap (set:
        if builtins.hasAttr name set then [ (member name set (builtins.unsafeGetAttrPos name set)) ] else [ ]) values;
      member = name: set: place: { inherit place; value = traced ([ name ] ++ path) place (builtins.getAttr name set); };
      ordered = builtins.sort (one: other: orderOf one < orderOf other) winners;
      elements = builtins.concatMap (one: map (value: { inherit value; inherit (one) place; }) one.value) ordered;
      element = index: mergeAt (if kind == "record" then "node" else "data") ([ ("[" + toString index + "]") ] ++ path) [ (builtins.elemAt elements index) ];
      isHook = builtins.match "(pre|post)(Create|Mount|Unmount)Hook" (builtins.head path) != null;
      function = builtins.filter (one: builtins.isFunction one.value) winners;
      # What a function sees of its own node: conditions elsewhere in it are not looked at.
      self = builtins.listToAttrs (map (member: { inherit (member) name; value = member.result.value; }) members);
      merged =
        if function != [ ] then throw ("\`" + shown path + "' is a function" + at (builtins.head function).place + ": nodes can be functions, and nothing else")
        else if builtins.all isSet values then builtins.listToAttrs (map (member: { inherit (member) name; value = member.result.value; })
          (builtins.filter (member: member.result.isThere) members))
        else if builtins.all builtins.isList values then map (result: result.value)
          (builtins.filter (result: result.isThere) (builtins.genList element (builtins.length elements)))
        else if builtins.all (value: value == first) values then first
        else if isHook && builtins.all builtins.isString values then builtins.concatStringsSep "\\n" (map (one: one.value) ordered)
        else throw ("\`" + shown path + "' has conflicting values: "
          + builtins.concatStringsSep " and " (map (one: valueText (plain one.value) + at one.place) winners)
          + "; give one of them with lib.mkForce or lib.mkDefault");
    in { isThere = found != [ ]; value = merged; };

  merge = definitions: let result = mergeAt "tree" [ "disko.devices" ] definitions; in if result.isThere then result.value else { };
in { inherit select merge; }`;

/** The `lib` where there is no nixpkgs: the functions that make such values. */
export const ownLib = `let
    mkOverride = priority: content: { _type = "override"; inherit priority content; };
    mkOrder = priority: content: { _type = "order"; inherit priority content; };
  in {
    inherit mkOverride mkOrder;
    mkIf = condition: content: { _type = "if"; inherit condition content; };
    mkMerge = contents: { _type = "merge"; inherit contents; };
    mkDefault = mkOverride 1000;
    mkOptionDefault = mkOverride 1500;
    mkImageMediaOverride = mkOverride 60;
    mkForce = mkOverride 50;
    mkVMOverride = mkOverride 10;
    mkBefore = mkOrder 500;
    mkAfter = mkOrder 1500;
  }`;
