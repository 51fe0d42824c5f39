import type { TargetFacts } from "./target-facts.ts";

/** The facts as `--json` prints them: everything but private keys. Pure. */
export function factsJson(facts: TargetFacts): Readonly<Record<string, unknown>> {
  return {
    ...facts,
    diskPaths: Object.fromEntries(facts.diskPaths),
    tools: [...facts.tools].toSorted(),
    hostKeys: facts.hostKeys
      .filter(({ name }) => name.endsWith(".pub"))
      .map(({ bytes }) => Buffer.from(bytes).toString("utf8").trim()),
  };
}
