import { MkimageError } from "../base/errors.ts";
import type { NodeDifference } from "../devices/changes/difference.ts";
import type { Dialogue } from "./confirm.ts";

/**
 * Shows everything that would be lost, and goes on only if the user means each node of it: its path is typed again on a terminal, or
 * the user has agreed before.
 *
 * @throws MkimageError REFUSED_DEVICE without consent.
 */
export async function confirmLoss(
  doomed: readonly NodeDifference[],
  { yes }: { readonly yes: boolean },
  dialogue: Dialogue,
): Promise<void> {
  for (const one of doomed) describeLoss(one).forEach(dialogue.say);
  if (yes) return;
  for (const one of doomed) await askAbout(one, dialogue);
}

function describeLoss({ path, device, loses }: NodeDifference): string[] {
  const place = device === null ? "" : ` on ${device}`;
  return [`${path}${place}; lost would be:`, ...loses.map((one) => `  ${one}`)];
}

async function askAbout({ path }: NodeDifference, { ask }: Dialogue): Promise<void> {
  if (ask === undefined) {
    throw new MkimageError("REFUSED_DEVICE", `destroying ${path} was not confirmed`, {
      hint: "nothing was changed; without a terminal give --yes",
    });
  }
  const answer = await ask(`This will be lost. Type ${path} to go on: `);
  if (answer.trim() === path) return;
  throw new MkimageError("REFUSED_DEVICE", `${path} was not confirmed`, { hint: "nothing was changed" });
}
