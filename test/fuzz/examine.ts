import { readdirSync } from "node:fs";
import { describeDiff } from "../../src/inspect/diff/describe.ts";
import { diff } from "../../src/inspect/diff/diff.ts";
import { MkimageError } from "../../src/base/errors.ts";
import { describeFacts } from "../../src/inspect/describe.ts";
import { inspect } from "../../src/inspect/inspect.ts";
import { renderPage } from "../../src/inspect/page-html.ts";
import { printable, printableJson, printableLines } from "../../src/inspect/printable.ts";
import type { Check } from "../../src/inspect/verify/check.ts";
import { verify } from "../../src/inspect/verify/verify.ts";
import type { InspectFacts } from "../../src/inspect/facts.ts";
import { silent } from "../inspect/images.ts";
import { isQuiet } from "./quiet.ts";
import { readAlone } from "./read-alone.ts";

// A process of its own for `pool.ts`: looks at one image after another, and says how it went.

/** `alone`: what inspect does, without other programs. */
export type Verb = "alone" | "inspect" | "verify" | "diff";

export interface Question {
  readonly verb: Verb;
  readonly path: string;
  /** The other side of the comparison. */
  readonly other: string;
  /** Empty but for what the program leaves behind. */
  readonly folder: string;
}

export interface Answer {
  /** `read`, or the code of an error of ours; anything else is a defect. */
  readonly outcome: string;
  /** The beginning of what it says. */
  readonly text: string;
  /** Whether none of that is a control character. */
  readonly isQuiet: boolean;
  readonly cpuSeconds: number;
  readonly rss: number;
  readonly leftovers: readonly string[];
}

const options = { reporter: silent };

async function answer(question: Question): Promise<Answer> {
  const before = process.cpuUsage();
  const [outcome, text] = await examine(question);
  const { user, system } = process.cpuUsage(before);
  const leftovers = readdirSync(question.folder);
  // In KiB, the most that it has been.
  const rss = process.resourceUsage().maxRSS * 1024;
  return {
    outcome,
    text: text.slice(0, 2000),
    isQuiet: isQuiet(text),
    cpuSeconds: (user + system) / 1e6,
    rss,
    leftovers,
  };
}

async function examine(question: Question): Promise<[outcome: string, text: string]> {
  try {
    return ["read", await reports[question.verb](question)];
  } catch (error) {
    if (!(error instanceof MkimageError)) return ["uncaught", String((error as Error).stack)];
    return [error.code, printableLines([error.message, ...error.details].join("\n"))];
  }
}

function shown(facts: InspectFacts): string {
  const page = renderPage(facts, { script: "", style: "" });
  return [...describeFacts(facts).map(printable), printableJson(facts, 2), page].join("\n");
}

const reports: Readonly<Record<Question["verb"], (question: Question) => Promise<string>>> = {
  alone: async ({ path }) => shown(await readAlone(path)),
  inspect: async ({ path }) => shown(await inspect([path], options)),
  verify: async ({ path }) => {
    const checks: Check[] = [];
    await verify(
      { images: [path], boot: null, allowUnknown: false, onCheck: (check) => void checks.push(check) },
      options,
    );
    return printableJson(checks, 2);
  },
  diff: async ({ path, other }) => {
    const facts = await diff(path, other, options);
    return [...describeDiff(facts).map(printable), printableJson(facts, 2)].join("\n");
  },
};

process.on("message", (question: Question) => void answer(question).then((said) => process.send?.(said)));
