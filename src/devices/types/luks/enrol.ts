import { MkimageError } from "../../../base/errors.ts";
import { splitWords } from "../../../base/split-words.ts";
import type { Precondition } from "../../../steps/node-steps.ts";
import { type Command, step } from "../../../steps/step.ts";
import type { Claim } from "../../../steps/claim.ts";
import type { Located } from "../../tree/locate.ts";
import { luksKeyOf } from "./key.ts";
import { isFirstVersion } from "./version.ts";
import { type Key, withInput } from "./key-input.ts";
import type { LuksNode } from "./schema.ts";

/** Whether a recovery key is made: by default along with a token, which can be lost. */
function enrolsRecovery({ enrollRecovery, enrollFido2 }: LuksNode): boolean {
  return enrollRecovery ?? enrollFido2;
}

/**
 * The conditions of enrolling: a token that is plugged in, and somebody to read a recovery key or to type a PIN.
 *
 * @throws MkimageError BAD_REQUEST where nothing could be enrolled.
 */
export function enrolmentChecks({ node, path }: Located<LuksNode>, claim: Claim): Precondition[] {
  const { name, enrollFido2 } = node;
  if (!enrollFido2 && !enrolsRecovery(node)) return [];
  refuseImpossible(node, path);
  const needsPeople = enrolsRecovery(node) || asksForPin(node);
  const commands = [
    ...(enrollFido2 ? [["require_token", name]] : []),
    ...(needsPeople ? [["require_terminal", name]] : []),
  ];
  return [{ claim, step: step(path, `look for what the keys of ${name} need`, [], ...commands) }];
}

/** The commands that enrol a recovery key and a token in a container that has just been made. */
export function enrolmentCommands({ node, device }: Located<LuksNode>, key: Key): Command[] {
  const enrol = (...options: readonly string[]): Command => {
    const keyFile = key.path === undefined ? "-" : key.path;
    return withInput(["enrol", node.name, device, keyFile, ...options], key, 1);
  };
  const forget = ["cryptsetup", "--batch-mode", "luksRemoveKey", "--key-file=-", device];
  return [
    ...(enrolsRecovery(node) ? [enrol("--recovery-key")] : []),
    ...(node.enrollFido2 ? [enrol("--fido2-device=auto", ...splitWords(node.extraFido2EnrollArgs))] : []),
    ...(key.drawn === undefined ? [] : [withInput(forget, key, 1)]),
  ];
}

/** The reason why no image can have what is enrolled. */
export function notInImages(node: LuksNode): string | undefined {
  if (node.enrollFido2)
    return "enrollFido2: a token is enrolled on the machine that it opens; leave it out, and run systemd-cryptenroll --fido2-device=auto there";
  if (enrolsRecovery(node))
    return "enrollRecovery: every copy of an image would have the same recovery key; leave it out, and run systemd-cryptenroll --recovery-key on the machine";
  return undefined;
}

/** Source: systemd-cryptenroll(1): a PIN is asked for unless that is switched off, and tokens that have none are not asked. */
function asksForPin({ enrollFido2, extraFido2EnrollArgs }: LuksNode): boolean {
  const words = splitWords(extraFido2EnrollArgs);
  return enrollFido2 && !words.some((word) => /^--fido2-with-client-pin=(no|n|false|f|off|0)$/.test(word));
}

function refuseImpossible(node: LuksNode, path: string): void {
  const isFirst = isFirstVersion(node);
  const { keyFileSize, keyFileOffset } = node.settings;
  const isPart = luksKeyOf(node).kind === "key file" && (keyFileSize ?? keyFileOffset) !== undefined;
  if (!isFirst && !isPart) return;
  const reason = isFirst
    ? "LUKS1 has no room for tokens; format it as LUKS2"
    : "systemd-cryptenroll takes a key file as a whole, without keyFileSize and keyFileOffset";
  throw new MkimageError("BAD_REQUEST", `${path}: enrollFido2, enrollRecovery: ${reason}`, {
    hint: "leave the enrolment to a later systemd-cryptenroll: enrollFido2 = false, enrollRecovery = false",
  });
}
