import { settingOf } from "../../nix/lines.ts";
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

const rootOfX86 = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709";
const rootOfArm = "B921B045-1DF0-41C3-AF44-4C6F280D3FAE";

const guids: Readonly<Record<string, readonly string[]>> = {
  "linux-generic": ["0FC63DAF-8483-4772-8E79-3D69D8477DE4"],
  root: [rootOfX86, rootOfArm],
  "root-x86-64": [rootOfX86],
  "root-arm64": [rootOfArm],
};
