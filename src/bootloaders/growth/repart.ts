import { settingOf } from "../../nix/lines.ts";
import { gptTypes } from "../../structures/gpt/partition-types.ts";
import { type Initrd, membersIn } from "./initrd.ts";

/** A file of repart.d. */
export interface RepartDefinition {
  /** As it is written: a name such as `root`, or a GUID. */
  readonly type: string;
}

/** Reads a definition; `undefined` for one with no type, or whose size is limited. */
export function parseRepart(text: string): RepartDefinition | undefined {
  const settings = new Map(
    text.split("\n").flatMap((line) => {
      const setting = settingOf(line);
      return setting === undefined ? [] : [[setting.key, setting.value] as const];
    }),
  );
  const type = settings.get("Type");
  return type === undefined || settings.has("SizeMaxBytes") ? undefined : { type };
}

/** The definitions that an initrd brings. */
export function definitionsIn(initrd: Initrd): RepartDefinition[] {
  return membersIn(initrd, "etc/repart.d").flatMap(
    ({ bytes }) => parseRepart(Buffer.from(bytes).toString("utf8")) ?? [],
  );
}

/**
 * The GUIDs of the types that definitions name, in capitals. A name that no root partition has stands for none.
 *
 * Source: UAPI Discoverable Partitions Specification.
 */
export function partitionTypesOf(definitions: readonly RepartDefinition[]): string[] {
  return definitions.flatMap(({ type }) => guids[type] ?? (/^[\da-f-]{36}$/i.test(type) ? [type.toUpperCase()] : []));
}

const guids: Readonly<Record<string, readonly string[]>> = {
  "linux-generic": [gptTypes.linux],
  root: [gptTypes.rootX86, gptTypes.rootArm64],
  "root-x86-64": [gptTypes.rootX86],
  "root-arm64": [gptTypes.rootArm64],
};
