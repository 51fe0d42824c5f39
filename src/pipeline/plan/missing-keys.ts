import { contentTypeOf, unitTypeOf } from "../../devices/registry.ts";
import { unitEntries } from "../../devices/tree/unit-entries.ts";
import type { NodeKeys } from "../../devices/content-type.ts";
import { contentsOf } from "../../devices/tree/contents.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import type { Fault } from "../../base/schema/faults.ts";
import { hasCreateHooks } from "./create-hooks.ts";

/** The keys that a build has for the containers of its tree. */
interface GivenKeys {
  /** The containers whose passwords are given; `undefined` where nobody can be asked. */
  readonly passwords: ReadonlySet<string> | undefined;
  /** The paths at which the guest has files. */
  readonly files: ReadonlySet<string>;
}

/** The keys that a guest would look for in vain, a line each. Shell lines of the user's may make files, so they end that. */
export function missingKeys(tree: DeviceTree, given: GivenKeys): Fault[] {
  const nodes = keysOf(tree);
  const asking = nodes.flatMap(({ path, asked }) =>
    asked === undefined || given.passwords?.has(asked) === true ? [] : [{ path, name: asked }],
  );
  const needed = nodes.flatMap(({ path, files }) => files.map((file) => ({ path, file })));
  const mayMakeFiles = hasCreateHooks(tree);
  const missing = needed.filter(({ file }) => !mayMakeFiles && !file.startsWith("/dev/") && !given.files.has(file));
  return [
    ...asking.map(({ name, path }) => `${path}: asks for a password; ${answerFor(name, given)}`),
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

function keysOf(tree: DeviceTree): (NodeKeys & { readonly path: string })[] {
  const found = [
    ...contentsOf(tree).map(({ node, path }) => ({ path, keys: contentTypeOf(node).keys?.(node) })),
    ...unitEntries(tree).map(({ kind, node, path }) => ({ path, keys: unitTypeOf(kind).keys?.(node) })),
  ];
  return found.flatMap(({ path, keys }) => (keys === undefined ? [] : [{ path, ...keys }]));
}
