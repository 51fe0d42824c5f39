import { contentsOf } from "../../devices/tree/contents.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import type { LuksNode } from "../../devices/types/luks/schema.ts";
import { luksKeyOf } from "../../devices/types/luks/key.ts";
import type { Fault } from "../../base/schema/faults.ts";
import { hasCreateHooks } from "./create-hooks.ts";

/** What a build brings along for the containers of its tree. */
interface GivenKeys {
  /** The containers whose passwords are given; `undefined` where nobody can be asked. */
  readonly passwords: ReadonlySet<string> | undefined;
  /** The paths at which the guest has files. */
  readonly files: ReadonlySet<string>;
}

/** The keys that a guest would look for in vain, a line each. Shell lines of the user's may make files, so they end that. */
export function missingKeys(tree: DeviceTree, given: GivenKeys): Fault[] {
  const containers = contentsOf(tree).flatMap(({ node, path }) => (node.type === "luks" ? [{ node, path }] : []));
  const asking = containers.filter(
    ({ node }) => luksKeyOf(node).kind === "asked" && !(given.passwords?.has(node.name) ?? false),
  );
  const needed = [
    ...containers.flatMap(({ node, path }) => keyFiles(node).map((file) => ({ path, file }))),
    ...Object.entries(tree.bcachefs_filesystems).flatMap(([key, { passwordFile }]) =>
      passwordFile === null ? [] : [{ path: `bcachefs_filesystems.${key}`, file: passwordFile }],
    ),
  ];
  const mayMakeFiles = hasCreateHooks(tree);
  const missing = needed.filter(({ file }) => !mayMakeFiles && !file.startsWith("/dev/") && !given.files.has(file));
  return [
    ...asking.map(({ node, path }) => `${path}: asks for a password; ${answerFor(node.name, given)}`),
    ...missing.map(({ path, file }) => `${path}: its key ${file} is not there in a guest; ${howToGive(file)}`),
  ];
}

function howToGive(file: string): string {
  return `give it as --pre-format-files FILE ${file}`;
}

function answerFor(name: string, { passwords }: GivenKeys): string {
  if (passwords !== undefined) return `give it as --secret ${name}=FILE`;
  return "let it name a passwordFile, and give that as --pre-format-files FILE PATH";
}

function keyFiles(node: LuksNode): string[] {
  const key = luksKeyOf(node);
  const first = key.kind === "asked" || key.path === "" ? [] : [key.path];
  return [...first, ...node.additionalKeyFiles];
}
