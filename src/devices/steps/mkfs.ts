import { optionWords } from "../../filesystems/mkfs/mkfs.ts";
import { filesystemOf } from "../../filesystems/registry.ts";
import { splitWords } from "../../base/split-words.ts";
import { type NamedNode, namesOf, requestedNames } from "../../layout/identity-of-filesystem.ts";
import type { StepContext } from "./context.ts";
import { argumentHere } from "./argument-here.ts";

/**
 * The arguments by which a mkfs gives the label and UUID of the tree or the seed, and the user's own.
 *
 * @throws MkimageError BAD_REQUEST for names that the node says twice, and differently.
 */
export function mkfsArguments(node: NamedNode, format: string, path: string, context: StepContext): string[] {
  const words = splitWords(node.extraArgs).map((word) => argumentHere(word, context.deviceNames));
  const { mkfs } = filesystemOf(format);
  const { label, uuid } = requestedNames(node, format, path);
  if (mkfs === null) return words;
  const fixed = context.setting.identity === undefined ? [] : mkfs.fixed;
  const labelled = label.option === null || label.argument !== null ? [] : optionWords(mkfs.label, label.option);
  const own = [...fixed, ...labelled];
  if (uuid.meant !== null || mkfs.uuid === undefined) return [...own, ...words];
  const { identity } = context.setting;
  const wanted = node.uuid ?? (identity === undefined ? null : namesOf(node, format, path, identity).uuid);
  if (wanted === null) return [...own, ...words];
  const text = mkfs.identifier === "uuid" ? wanted : wanted.replace("-", "");
  const named = optionWords(mkfs.uuid, text);
  // The last one counts: `-U random` is as good as none where identifiers follow from a seed.
  return uuid.argument === null ? [...own, ...named, ...words] : [...own, ...words, ...named];
}
