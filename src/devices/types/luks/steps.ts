import type { LuksNode } from "./schema.ts";
import { luksKeyOf } from "./key.ts";
import { type Claim, claimOn } from "../../../steps/claim.ts";
import { type StepContext, seededUuid } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import type { Located } from "../../tree/locate.ts";
import { insideLuks } from "./inside.ts";
import { inOrder, type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { type Command, type Guard, type Input, step } from "../../../steps/step.ts";
import { splitWords } from "../../../base/split-words.ts";

/** An encrypted container: formatted where nothing is, opened under its name. */
export function luksSteps(located: Located<LuksNode>, context: StepContext): NodeSteps {
  const { node, path, device, key } = located;
  const claim = luksClaim(located);
  const active: Guard = { kind: "succeeds", argv: ["cryptsetup", "status", node.name] };
  const elsewhere: Guard = { kind: "succeeds", argv: elsewhereArguments(located) };
  const open = step(
    path,
    `open ${device} as ${node.name}`,
    [{ ...active, kind: "fails" }],
    openCommand(located, context),
  );
  const close = ["cryptsetup", "close", node.name];
  const own: NodeSteps = {
    ...noSteps,
    claims: [claim],
    create: [formatStep(located, claim, context), open],
    open: [open],
    close: [step(path, `close ${node.name}`, [active, { ...elsewhere, kind: "fails" }], close)],
  };
  const place = { path, device, key, root: context.setting.root };
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

function formatStep({ node, path, device }: Located<LuksNode>, claim: Claim, context: StepContext) {
  const words = splitWords(node.extraFormatArgs);
  const uuid = node.uuid ?? seededUuid(context, `${path} uuid`);
  const named = uuid === undefined || words.some((word) => word.startsWith("--uuid")) ? [] : [`--uuid=${uuid}`];
  const key = keyOf(node, context);
  const argv = ["cryptsetup", "--batch-mode", "luksFormat", ...named, ...key.arguments, ...words, device];
  const title = `encrypt ${device} (${node.name})`;
  const keys = node.additionalKeyFiles.map((file) => addKeyCommand({ node, device }, file, key));
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

function openCommand({ node, device }: Located<LuksNode>, context: StepContext): Command {
  const words = splitWords(node.extraOpenArgs);
  const isFirstVersion = splitWords(node.extraFormatArgs).some((word) => word === "luks1" || word.endsWith("=luks1"));
  const key = keyOf(node, context);
  const argv = [
    "cryptsetup",
    "open",
    ...(node.settings["allowDiscards"] === true ? ["--allow-discards"] : []),
    ...(node.settings["bypassWorkqueues"] === true ? ["--perf-no_read_workqueue", "--perf-no_write_workqueue"] : []),
    // The header of version 1 has no room for flags.
    ...(isFirstVersion ? [] : ["--persistent"]),
    ...words,
    ...key.arguments,
    device,
    node.name,
  ];
  return withInput(argv, key, 1);
}

/** How a command gets the key: from a file that it reads itself, or as its input. */
interface Key {
  readonly arguments: readonly string[];
  readonly file?: string;
  readonly asked?: string;
}

/** Where the setting has the answer, nobody is asked. */
function keyOf(node: LuksNode, { setting }: StepContext): Key {
  const key = luksKeyOf(node);
  if (key.kind === "key file") return { arguments: keyFileArguments(key.path, node.settings) };
  const file = key.kind === "asked" ? setting.passwords?.get(node.name) : key.path;
  return { arguments: ["--key-file=-"], ...(file === undefined ? { asked: node.name } : { file }) };
}

function keyFileArguments(file: string, { keyFileSize, keyFileOffset }: LuksNode["settings"]): string[] {
  return [
    `--key-file=${file}`,
    ...(typeof keyFileSize === "number" ? [`--keyfile-size=${keyFileSize}`] : []),
    ...(typeof keyFileOffset === "number" ? [`--keyfile-offset=${keyFileOffset}`] : []),
  ];
}

function withInput(argv: readonly string[], { asked, file }: Key, times: 1 | 2): Command {
  const input: Input | undefined =
    asked !== undefined
      ? { kind: "asked", name: asked, times }
      : file !== undefined
        ? { kind: "file", path: file }
        : undefined;
  return input === undefined ? { argv } : { argv, input };
}
