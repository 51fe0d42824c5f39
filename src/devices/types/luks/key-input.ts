import type { Command, Input } from "../../../steps/step.ts";
import type { StepContext } from "../../steps/context.ts";
import { luksKeyOf } from "./key.ts";
import type { LuksNode } from "./schema.ts";

/** How a command gets the key: from a file that it reads itself, or as its input. */
export interface Key {
  /** Those of cryptsetup. */
  readonly arguments: readonly string[];
  /** The key file that programs read themselves. */
  readonly path?: string;
  /** The key is their input, and comes from this file; from whoever is asked; from nobody. */
  readonly file?: string;
  readonly asked?: string;
  readonly drawn?: string;
}

/** Where the setting has the answer, nobody is asked. */
export function keyOf(node: LuksNode, { setting }: StepContext): Key {
  const key = luksKeyOf(node);
  if (key.kind === "key file") return { arguments: keyFileArguments(key.path, node.settings), path: key.path };
  if (key.kind === "drawn") return { arguments: ["--key-file=-"], drawn: node.name };
  const file = key.kind === "asked" ? setting.passwords?.get(node.name) : key.path;
  return { arguments: ["--key-file=-"], ...(file === undefined ? { asked: node.name } : { file }) };
}

function keyFileArguments(file: string, { keyFileSize, keyFileOffset }: LuksNode["settings"]): string[] {
  return [
    `--key-file=${file}`,
    ...(typeof keyFileSize === "number" ? [`--keyfile-size=${keyFileSize}`] : []),
    ...(typeof keyFileOffset === "number" ? [`--keyfile-offset=${keyFileOffset}`] : []),
  ];
}

/** A command with the key as its input, where it does not read it itself. */
export function withInput(argv: readonly string[], key: Key, times: 1 | 2): Command {
  const input = inputOf(key, times);
  return input === undefined ? { argv } : { argv, input };
}

function inputOf({ asked, drawn, file }: Key, times: 1 | 2): Input | undefined {
  if (asked !== undefined) return { kind: "asked", name: asked, times };
  if (drawn !== undefined) return { kind: "drawn", name: drawn };
  return file === undefined ? undefined : { kind: "file", path: file };
}
