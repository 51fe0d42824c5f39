import type { LuksNode } from "./schema.ts";
import { enrolmentChecks, enrolmentCommands } from "./enrol.ts";
import { type Key, keyOf, withInput } from "./key-input.ts";
import { type Claim, claimOn } from "../../../steps/claim.ts";
import { type StepContext, seededUuid } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import type { Located } from "../../tree/locate.ts";
import { insideLuks } from "./inside.ts";
import { isFirstVersion } from "./version.ts";
import { inOrder, type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { type Command, type Guard, step } from "../../../steps/step.ts";
import { splitWords } from "../../../base/split-words.ts";

/** An encrypted container: formatted where nothing is, opened under its name. */
export function luksSteps(located: Located<LuksNode>, context: StepContext): NodeSteps {
  const { node, path, device } = located;
  const claim = luksClaim(located);
  const active: Guard = { kind: "succeeds", argv: ["cryptsetup", "status", node.name] };
  const elsewhere: Guard = { kind: "succeeds", argv: elsewhereArguments(located) };
  const open = step(
    path,
    `open ${device} as ${node.name}`,
    [{ ...active, kind: "fails" }],
    openCommand(located, keyForOpening(located, context)),
  );
  const close = ["cryptsetup", "close", node.name];
  const own: NodeSteps = {
    ...noSteps,
    checks: enrolmentChecks(located, claim),
    claims: [claim],
    create: [formatStep(located, claim, context), open],
    open: [open],
    close: [step(path, `close ${node.name}`, [active, { ...elsewhere, kind: "fails" }], close)],
  };
  const place = { path, device, key: node.name, root: context.setting.root };
  return withHooks(node, place, inOrder([own, ...insideLuks(located).map(context.stepsOf)]));
}

function elsewhereArguments({ node, device }: Located<LuksNode>): string[] {
  return ["is_opened_elsewhere", node.name, device];
}

/** Whoever has the name on another device would get what belongs into this one. */
function luksClaim(located: Located<LuksNode>): Claim {
  return {
    ...claimOn(located, `an encrypted container (${located.node.name})`, "crypto_LUKS"),
    taken: { argv: elsewhereArguments(located), always: true },
  };
}

function formatStep(located: Located<LuksNode>, claim: Claim, context: StepContext) {
  const { node, path, device } = located;
  const words = splitWords(node.extraFormatArgs);
  const uuid = node.uuid ?? seededUuid(context, `${path} uuid`);
  const named = uuid === undefined || words.some((word) => word.startsWith("--uuid")) ? [] : [`--uuid=${uuid}`];
  const key = keyOf(node, context);
  const argv = ["cryptsetup", "--batch-mode", "luksFormat", ...named, ...key.arguments, ...words, device];
  const title = `encrypt ${device} (${node.name})`;
  const keys = [
    ...node.additionalKeyFiles.map((file) => addKeyCommand({ node, device }, file, key)),
    // Nobody can open it with this key later on.
    ...(key.drawn === undefined ? [] : [openCommand(located, key)]),
    ...enrolmentCommands(located, key),
  ];
  return step(path, title, [{ kind: "is unmade", claim }], withInput(argv, key, 2), ...keys);
}

function addKeyCommand({ node, device }: Pick<Located<LuksNode>, "node" | "device">, file: string, key: Key): Command {
  const derivation = derivationWords(splitWords(node.extraFormatArgs));
  return withInput(["cryptsetup", "--batch-mode", "luksAddKey", ...derivation, ...key.arguments, device, file], key, 1);
}

/** Of the arguments for formatting, those that say what a key costs: they hold for every key. */
function derivationWords(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    if (!/^--(pbkdf|iter-time)/.test(word)) return [];
    return word.includes("=") ? [word] : [word, words[index + 1] ?? ""];
  });
}

/** A token opens what has no other key; where that fails, cryptsetup asks for the recovery key. */
function keyForOpening({ node }: Located<LuksNode>, context: StepContext): Key {
  const key = keyOf(node, context);
  return key.drawn === undefined ? key : { arguments: ["--token-type=systemd-fido2"] };
}

function openCommand({ node, device }: Located<LuksNode>, key: Key): Command {
  const words = splitWords(node.extraOpenArgs);
  const byToken = key.arguments.some((word) => word.startsWith("--token-type="));
  const argv = [
    ...(byToken ? ["at_terminal"] : []),
    "cryptsetup",
    "open",
    ...(node.settings["allowDiscards"] === true ? ["--allow-discards"] : []),
    ...(node.settings["bypassWorkqueues"] === true ? ["--perf-no_read_workqueue", "--perf-no_write_workqueue"] : []),
    // The header of version 1 has no room for flags.
    ...(isFirstVersion(node) ? [] : ["--persistent"]),
    ...words,
    ...key.arguments,
    device,
    node.name,
  ];
  return withInput(argv, key, 1);
}
