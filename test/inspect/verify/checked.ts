import type { OpenOptions } from "../../../src/image/reading/open-image.ts";
import type { Check } from "../../../src/inspect/verify/check.ts";
import { type Verdict, verify } from "../../../src/inspect/verify/verify.ts";
import { silent } from "../images.ts";

export interface Checked extends Verdict {
  readonly checks: readonly Check[];
  /** All that is said, a line each. */
  readonly text: string;
}

interface Wishes {
  readonly allowUnknown?: boolean;
  readonly format?: string;
}

/** The findings of `verify` in some images; nothing is booted. */
export async function checked(images: string | readonly string[], wishes: Wishes = {}): Promise<Checked> {
  const checks: Check[] = [];
  const { allowUnknown = false, format } = wishes;
  const onCheck = (check: Check): void => void checks.push(check);
  const options: OpenOptions = { reporter: silent, format };
  const verdict = await verify({ images: [images].flat(), boot: null, allowUnknown, onCheck }, options);
  const lines = checks.flatMap(({ outcome, subject, text, details }) => [`${outcome} ${subject}: ${text}`, ...details]);
  return { ...verdict, checks, text: lines.join("\n") };
}

/** The outcome of each check, by what was checked. */
export function outcomesOf({ checks }: Checked): Record<string, string> {
  return Object.fromEntries(checks.map(({ subject, outcome }) => [subject, outcome]));
}
