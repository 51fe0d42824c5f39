import { MkimageError } from "../../base/errors.ts";

/** The result of one check: a line for the user, and details where it failed. */
export interface Check {
  /** The checked part: `format`, `partition 2`, … */
  readonly subject: string;
  /**
   * `note`: there is nothing to check, or no program that can check it. `unknown`: the contents are not recognised, so that
   * no verdict can be given.
   */
  readonly outcome: "ok" | "failed" | "note" | "unknown";
  readonly text: string;
  readonly details: readonly string[];
}

export function passed(subject: string, text: string): Check {
  return { subject, outcome: "ok", text, details: [] };
}

export function noted(subject: string, text: string): Check {
  return { subject, outcome: "note", text, details: [] };
}

export function failed(subject: string, text: string, details: readonly string[] = []): Check {
  return { subject, outcome: "failed", text, details };
}

export function unknown(subject: string, text: string): Check {
  return { subject, outcome: "unknown", text, details: [] };
}

/** A check by somebody else's program: it failed when the program says so. */
export async function judged(subject: string, text: string, judge: () => Promise<unknown>): Promise<Check> {
  try {
    await judge();
    return passed(subject, text);
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
    return failed(subject, error.message, error.details.slice(1));
  }
}
