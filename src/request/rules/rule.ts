import type { Fault } from "../../base/schema/faults.ts";
import type { Request } from "../schema.ts";
import { writtenName } from "../written.ts";

/** Names an option as the user of the request writes it. */
export type Namer = (key: keyof Request) => string;

/** Returns what is wrong with a request whose values are valid one by one, and what to do. */
export type Rule = (request: Request, name: Namer) => Fault | undefined;

/** Returns the faults of a request by some rules, in their order. */
export function faultsBy(rules: readonly Rule[], request: Request): Fault[] {
  const name: Namer = (key) => writtenName(request.given, key);
  return rules.flatMap((rule) => rule(request, name) ?? []);
}

/** Names the options that are in the way, of those that are told with whether they are, in their order; none: undefined. */
export function namesOf(name: Namer, extra: Partial<Record<keyof Request, boolean>>): string | undefined {
  const keys = (Object.keys(extra) as (keyof Request)[]).filter((key) => extra[key] === true);
  return keys.length === 0 ? undefined : keys.map(name).join(", ");
}
