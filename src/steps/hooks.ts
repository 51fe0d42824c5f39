import type { MountSteps, NodeSteps } from "./node-steps.ts";
import type { HookStep, HookValue, Step } from "./step.ts";

/** The hooks that every node of a tree carries. */
interface HookedNode {
  readonly preCreateHook: string;
  readonly postCreateHook: string;
  readonly preMountHook: string;
  readonly postMountHook: string;
  readonly preUnmountHook: string;
  readonly postUnmountHook: string;
}

/** The node of a hook, and what its shell lines find in `$name`, `$device` and `$rootMountPoint`. */
interface HookPlace {
  readonly path: string;
  readonly device?: string;
  /** `$name`: the name of the node, or of content that of what it fills. */
  readonly key: string;
  readonly root: string;
}

/** A node's steps between its hooks; those of mounting stand around the making of its devices. */
export function withHooks(node: HookedNode, place: HookPlace, steps: NodeSteps): NodeSteps {
  return {
    ...steps,
    create: around(node, place, "Create", steps.create),
    open: around(node, place, "Mount", steps.open),
    close: around(node, place, "Unmount", steps.close),
    remove: around(node, place, "Unmount", steps.remove ?? steps.close),
  };
}

/** The steps of one mount between the hooks of the node that is mounted. */
export function mountWithHooks(node: HookedNode, place: HookPlace, steps: MountSteps): MountSteps {
  return {
    ...steps,
    mount: around(node, place, "Mount", steps.mount),
    unmount: around(node, place, "Unmount", steps.unmount),
  };
}

/** Only the hooks of creation, for nodes whose other hooks stand around their mount. */
export function createWithHooks(node: HookedNode, place: HookPlace, create: readonly Step[]): Step[] {
  return around(node, place, "Create", create);
}

function around(
  node: HookedNode,
  place: HookPlace,
  phase: "Create" | "Mount" | "Unmount",
  steps: readonly Step[],
): Step[] {
  return [...hook(node, place, `pre${phase}Hook`), ...steps, ...hook(node, place, `post${phase}Hook`)];
}

function hook(node: HookedNode, place: HookPlace, name: keyof HookedNode): HookStep[] {
  const shell = node[name];
  if (shell.trim() === "") return [];
  const title = `${name} of ${place.path}`;
  return [{ kind: "hook", path: place.path, title, shell, variables: variablesOf(node, place, shell) }];
}

/** The node's options that the shell lines speak of. */
function variablesOf(node: HookedNode, place: HookPlace, shell: string): Record<string, HookValue> {
  const { device, key, root } = place;
  const options = { ...node, ...(device === undefined ? {} : { device }), name: key, rootMountPoint: root };
  return Object.fromEntries(
    Object.entries(options).flatMap(([option, value]) => {
      const variable = option.replaceAll("-", "_");
      const text = variable.endsWith("Hook") ? undefined : hookValue(value);
      return text !== undefined && isUsed(variable, shell) ? [[variable, text]] : [];
    }),
  );
}

function isUsed(name: string, shell: string): boolean {
  return new RegExp(`\\$(\\{[#!]?)?${name}\\b`).test(shell);
}

/** As Nix writes them: true is `1`, false and null are empty. What nests further is no variable. */
function hookValue(value: unknown): HookValue | undefined {
  const text = textOf(value);
  if (text !== undefined) return text;
  if (Array.isArray(value)) {
    const texts = value.map(textOf);
    return texts.every((one) => one !== undefined) ? texts : undefined;
  }
  const entries = Object.entries(value as object).map(([key, one]) => [key, textOf(one)] as const);
  return entries.every(([, one]) => one !== undefined) ? (Object.fromEntries(entries) as HookValue) : undefined;
}

function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined || value === false) return "";
  if (value === true) return "1";
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
