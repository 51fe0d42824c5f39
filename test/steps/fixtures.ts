import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { DeviceTree } from "../../src/devices/device-tree.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { treeSteps } from "../../src/devices/steps/tree-steps.ts";
import { identityFrom } from "../../src/base/identity.ts";
import { solveLayout } from "../../src/devices/layout/solve.ts";
import { GiB, MiB } from "../../src/base/units.ts";
import type { StepSetting } from "../../src/steps/setting.ts";
import type { Step } from "../../src/steps/step.ts";

const folder = join(import.meta.dirname, "../../fixtures/devices");

/** The device trees that the tests share, by name. */
export const fixtureNames = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));

export function fixture(name: string): DeviceTree {
  return readDeviceTree(JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")));
}

/** A setting in which everything is known: a seed, and disks of 4 GiB. */
export function knownSetting(tree: DeviceTree): StepSetting {
  const identity = identityFrom("a seed");
  const sizes = Object.fromEntries(
    Object.entries(tree.disk).map(([key, { name }]) => [name ?? key.replaceAll("/", "_"), 4 * GiB]),
  );
  return { root: "/mnt", identity, layout: solveLayout(tree, { identity, needs: () => MiB, sizes }) };
}

/** The steps of a tree by its modes. */
export interface TreeSteps {
  readonly create: readonly Step[];
  readonly mount: readonly Step[];
  readonly unmount: readonly Step[];
  readonly destroy: readonly Step[];
}

export function fixtureSteps(name: string): TreeSteps {
  const tree = fixture(name);
  return allSteps(tree, knownSetting(tree));
}

export function allSteps(tree: DeviceTree, setting: StepSetting): TreeSteps {
  return {
    create: treeSteps("format", tree, setting),
    mount: treeSteps("mount", tree, setting),
    unmount: treeSteps("unmount", tree, setting),
    destroy: treeSteps("destroy", tree, setting),
  };
}

/** The steps of a tree for which nothing is known. */
export function stepsOf(tree: object, setting: Partial<StepSetting> = {}): TreeSteps {
  return allSteps(readDeviceTree(tree), { root: "/mnt", ...setting });
}

/** The command lines of some steps, as far as they begin with one of these programs. */
export function commandsOf(steps: readonly Step[], ...programs: readonly string[]): string[] {
  return steps
    .flatMap((step) => (step.kind === "commands" ? step.commands : []))
    .filter(({ argv }) => programs.length === 0 || programs.includes(argv[0] ?? ""))
    .map(({ argv }) => argv.join(" "));
}
