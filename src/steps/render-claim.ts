import { quote, quoteArguments } from "../base/quote.ts";
import type { Claim } from "./claim.ts";

/** The functions that every look for a claim calls, whatever its question. */
export const claimCalls = ["claim_device", "look_at_claim", "end_if_in_the_way"] as const;

/** The shell lines that look at everything that is there, and end the script when something is in the way. */
export function lookLines(claims: readonly Claim[]): string[] {
  return [...claims.flatMap((claim) => [...claimLines(claim), "look_at_claim"]), "end_if_in_the_way"];
}

/** The functions that end a claim, and are its answer. */
type Question = "is_made" | "is_known" | "is_unmade" | "is_unmade_so_far";

/** The condition that holds when a claim is found to be made, or not to be. */
export function claimCondition(claim: Claim, question: Question): string {
  // What is opened or taken apart is there, whoever else may have the name.
  const { taken: _taken, ...there } = claim;
  return [
    "{",
    ...[...claimLines(question === "is_made" || question === "is_known" ? there : claim), question].map(
      (line) => `  ${line}`,
    ),
    "}",
  ].join("\n  ");
}

function claimLines({ thing, wanted, devices, own, auxiliary, incomplete, taken, mayBeInUse }: Claim): string[] {
  const hint = incomplete.kind === "refused" ? incomplete.hint : "";
  const contents = own.contents.join("|");
  const options = [
    ...(own.owner === undefined ? [] : [`owner=(${quoteArguments(own.owner.argv)})`]),
    ...(own.owner === undefined || own.owner.name === null ? [] : [`whose=${quote(own.owner.name)}`]),
    ...(auxiliary === undefined ? [] : [`auxiliary=(${quoteArguments(auxiliary.argv)})`]),
    ...(taken === undefined ? [] : [`taken=(${quoteArguments(taken.argv)})`]),
    ...(taken?.always === true ? ["always=1"] : []),
    ...(mayBeInUse === true ? ["in_use=fine"] : []),
    ...(hint === "" ? [] : [`hint=${quote(hint)}`]),
  ];
  return [
    quoteArguments(["claim", thing, wanted, contents]),
    ...(options.length === 0 ? [] : [options.join(" ")]),
    ...devices.map(({ path, device }) => quoteArguments(["claim_device", device, path])),
    ...(auxiliary?.devices ?? []).map(({ path, device }) => quoteArguments(["claim_auxiliary", device, path])),
  ];
}
