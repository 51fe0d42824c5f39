import type { ShellFunction, ShellParts } from "../runtime/shell-parts.ts";
import { recordFunctions } from "./functions/chained-records.ts";
import { claimFunctions } from "./functions/claims.ts";
import { clearedFunctions } from "./functions/cleared.ts";
import { deviceFunctions } from "./functions/devices.ts";
import { lookFunction } from "./functions/look.ts";
import { peopleFunctions } from "./functions/people.ts";
import { systemFunctions } from "./functions/system.ts";
import { turnFunctions } from "./functions/turns.ts";
import { wipeFunction } from "./functions/wipe.ts";

/** All that steps can call in a rendered script, besides programs. */
export interface ShellLibrary {
  /** By name, in the order in which scripts carry them. */
  readonly functions: ReadonlyMap<string, ShellFunction>;
  /** The settings for programs where there is no udev. */
  readonly withoutUdev: readonly string[];
}

/** Returns the functions that all scripts share, with what device types and filesystems add. */
export function shellLibrary(parts: readonly ShellParts[]): ShellLibrary {
  const shared = {
    ...peopleFunctions,
    ...turnFunctions,
    ...deviceFunctions,
    ...clearedFunctions,
    ...claimFunctions,
    look_at: lookFunction(distinct(parts, ({ lost }) => lost)),
    ...recordFunctions,
    wipe_disk: wipeFunction(distinct(parts, ({ wiping }) => wiping)),
    ...systemFunctions,
  };
  const all = [shared, ...distinct(parts, ({ functions }) => functions)].flatMap((set) => Object.entries(set));
  return { functions: new Map(all), withoutUdev: distinct(parts, (part) => part.withoutUdev) };
}

/** Several types may add the same, such as the filesystems of one family. */
function distinct<Part>(parts: readonly ShellParts[], of: (part: ShellParts) => Part | undefined): Part[] {
  return [...new Set(parts.map(of))].filter((part) => part !== undefined);
}

/** The functions that some shell lines call, with those that these call. */
export function functionsIn(texts: readonly string[], { functions }: ShellLibrary): string[] {
  const text = texts.join("\n");
  const wanted = new Set([...functions.keys()].filter((name) => isCalled(name, text)));
  for (const name of wanted) for (const inner of calledBy(functions.get(name))) wanted.add(inner);
  return [...functions].flatMap(([name, { text: body }]) => (wanted.has(name) ? [body] : []));
}

/** Whether shell lines call a function. */
function isCalled(name: string, text: string): boolean {
  return new RegExp(`(^|[\\s($])${name}([ );]|$)`, "m").test(text);
}

function calledBy(called: ShellFunction | undefined): string[] {
  return [...(called?.needs ?? []), ...(called?.mayNeed ?? [])];
}

/** The programs that a call takes on any machine: those of a function, or the program of that name. */
export function programsBehind(name: string, { functions }: ShellLibrary): string[] {
  const called = functions.get(name);
  if (called === undefined) return [name];
  return [
    ...called.tools,
    ...(called.needs ?? []).flatMap((inner) => programsBehind(inner, { functions, withoutUdev: [] })),
  ];
}
