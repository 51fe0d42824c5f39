import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { draft } from "../pipeline/draft.ts";
import { printableJson } from "../inspect/printable.ts";
import { describePlan, planFacts } from "../pipeline/plan/describe.ts";
import { keysToGive } from "../pipeline/plan/require-keys.ts";
import { needsSystem } from "../request/whole-system.ts";
import type { Request } from "../request/schema.ts";
import { variantList } from "../variants/list.ts";
import { openTemporaryWorkspace } from "../runtime/workspace.ts";
import { addAppearanceOptions, reporting, withoutTasks } from "./appearance.ts";
import { print } from "./dialogue.ts";
import { planAgainst } from "./plan-against.ts";
import { pictureStyle } from "./picture-style.ts";
import { addRequestOptions, asksForVariants, requestOf, systemsOf } from "./request-options.ts";
import { surroundingsOf } from "./surroundings.ts";

type Options = Readonly<Record<string, unknown>>;

/** `mkimage plan [SYSTEM]`: what `build` would do, with nothing touched. */
export function planCommand(signal: AbortSignal): Command {
  const command = new Command("plan")
    .description("show what build would do, and touch nothing")
    .argument("[system]", "as in build; with --devices alone, the tree is shown without a system")
    .option(
      "--against <path...>",
      "with --devices: how these images or disks differ from the tree, and what would be done",
    )
    .action((system: string | undefined, options: Options) =>
      asksForVariants(options) ? print(variantList()) : plan(system, options, signal),
    );
  return addAppearanceOptions(addRequestOptions(command));
}

async function plan(system: string | undefined, options: Options, signal: AbortSignal): Promise<void> {
  const asked = requestOf(options);
  const against = options["against"] as readonly string[] | undefined;
  if (against !== undefined) {
    const json = options["json"] === true;
    return reporting(options, (reporter) => planAgainst(asked, { paths: against, json, signal, reporter }));
  }
  const [target] = systemsOf(system === undefined ? [] : [system], options);
  const workspace = await openTemporaryWorkspace();
  try {
    const surroundings = surroundingsOf(asked, signal);
    const isTold = options["verbose"] === true || options["json"] === true;
    const drafted = await reporting(options, async (reporter) => {
      // Tasks are not shown here; notes to the user are, and what Nix builds.
      const told = isTold ? reporter : withoutTasks(reporter);
      const context = { ...surroundings, reporter: told };
      const request = ofTreeAlone(asked, target, workspace.folder);
      if (request !== asked) reporter.note("no system is named: the tree is shown as it is without files");
      const made = await draft(request, target, workspace.folder, context);
      keysToGive(made.blueprint).forEach((line) => reporter.note(line));
      return made;
    });
    const facts = planFacts(drafted.blueprint, drafted.plan);
    const text =
      options["json"] === true
        ? `${printableJson(facts, 2)}\n`
        : describePlan(drafted.blueprint, drafted.plan, pictureStyle(process.env, process.stdout));
    process.stdout.write(text);
  } finally {
    workspace.remove();
  }
}

/**
 * A device tree needs no system to be shown; the flake in this folder is meant where it is named, as `.`, and where an option
 * is about a system.
 */
function ofTreeAlone(request: Request, target: string | undefined, folder: string): Request {
  const isOfSystem = target !== undefined || request.root !== undefined || needsSystem(request);
  if (isOfSystem || request.devices === undefined) return request;
  const root = join(folder, "no-files");
  mkdirSync(root);
  return { ...request, root };
}
