import { MkimageError } from "../base/errors.ts";
import { type Bytes, GiB } from "../base/units.ts";
import { mayHaveSettings } from "../nix/flake-settings.ts";
import type { NixOptions } from "../nix/nix.ts";
import { nixSession } from "../nix/session.ts";
import { systemSourceFor } from "../nix/source.ts";
import { evaluateTogether as evaluateAll, type FlakeConfiguration } from "../nix/together.ts";
import { nixArgumentsOf } from "../request/nix-arguments.ts";
import type { Request } from "../request/schema.ts";
import { wantsOwnDisks } from "./choose-devices.ts";
import type { BuildContext } from "./context.ts";
import { type EvaluatedSystem, parseEvaluated, settingsExpression, systemExpression } from "./evaluate-settings.ts";

/** The memory that the evaluation of one NixOS configuration may take: an assumption. */
const memoryPerSystem: Bytes = GiB;
/** Whatever the memory: the evaluation of all of them ends before the first of them is built. */
const mostSystems = 16;

/**
 * Evaluates systems of the same flake together, as many at a time as there is memory for, and gives what is found by the words that
 * name them. What is not there is to be evaluated by itself: a system that is alone in its flake or no flake's, and all of those that
 * failed together, which is noted, so that the fault of one is its own.
 *
 * @throws MkimageError INTERRUPTED, MISSING_TOOL.
 */
export async function evaluateTogether(
  request: Request,
  systems: readonly string[],
  context: BuildContext,
): Promise<ReadonlyMap<string, EvaluatedSystem>> {
  const groups = groupsOf(request, systems, context.host.availableMemory());
  if (groups.length === 0) return new Map();
  return context.reporter.task("Evaluating the systems", async (task) => {
    const { signal, reporter } = context;
    const onNote = (text: string) => reporter.note(text);
    const options = nixSession({ signal, nixArguments: nixArgumentsOf(request), onNote, task });
    const found: (readonly [string, EvaluatedSystem])[] = [];
    for (const group of groups) found.push(...(await evaluateGroup(request, group, context, options)));
    return new Map(found);
  });
}

/** Systems that are evaluated at once: each by the words that name it. */
interface Group {
  readonly flake: string;
  readonly named: readonly (readonly [words: string, configuration: FlakeConfiguration])[];
}

function groupsOf({ root, file, variant }: Request, systems: readonly string[], memory: Bytes): Group[] {
  if (root !== undefined || file !== undefined) return [];
  const size = Math.min(Math.floor(memory / memoryPerSystem), mostSystems);
  const flakes = Map.groupBy(
    [...new Set(systems)].flatMap((words) => {
      const source = systemSourceFor(words, undefined, undefined);
      if (source.kind !== "flake" || source.name === undefined) return [];
      const { flake, name } = source;
      return [{ flake, pair: [words, { kind: "flake", flake, name, image: variant }] as const }];
    }),
    ({ flake }) => flake,
  );
  return [...flakes]
    .flatMap(([flake, members]) =>
      partsOf(members, size).map((part) => ({ flake, named: part.map(({ pair }) => pair) })),
    )
    .filter(({ named }) => named.length > 1);
}

/** Parts of at most `size`, as equal as may be. */
function partsOf<Item>(items: readonly Item[], size: number): Item[][] {
  if (size < 2) return [];
  const count = Math.ceil(items.length / size);
  const start = (part: number): number => Math.floor((part * items.length) / count);
  return Array.from({ length: count }, (_, part) => items.slice(start(part), start(part + 1)));
}

async function evaluateGroup(
  request: Request,
  { flake, named }: Group,
  { reporter }: BuildContext,
  options: NixOptions,
): Promise<(readonly [string, EvaluatedSystem])[]> {
  try {
    const configurations = named.map(([, configuration]) => configuration);
    const expression = (await mayHaveSettings(flake, options)) ? settingsExpression : systemExpression;
    const values = await evaluateAll(flake, configurations, expression(wantsOwnDisks(request)), options);
    return named.map(([words], index) => [words, parseEvaluated(values[index])] as const);
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "RESOLVE_FAILED") throw error;
    const why = error.details[0] ?? error.message;
    reporter.note(`${named.length} systems of ${flake} are evaluated one by one, since together it failed: ${why}`);
    return [];
  }
}
