import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { MkimageError } from "../base/errors.ts";
import { parseContentsFlag } from "../request/contents.ts";
import { pairsOf } from "./pairs.ts";
import { type Flag, requestFlags } from "../request/flags.ts";
import { parseRequest, type RawRequest } from "../request/parse.ts";
import type { Request } from "../request/schema.ts";

/** Adds an option for every key of the request, and `--config`. */
export function addRequestOptions(command: Command): Command {
  for (const flag of requestFlags()) {
    for (const option of optionsOf(flag)) command.addOption(option);
  }
  return command.option("--config <path>", "JSON file with any of these options as keys; flags win over it");
}

/**
 * The request that a command line and its config file make.
 *
 * @throws MkimageError BAD_REQUEST with every fault.
 */
export function requestOf(options: RawRequest): Request {
  const flags = Object.fromEntries(
    requestFlags().flatMap((flag) => {
      const value = options[flag.key] ?? options[camelCase(flag.alias ?? flag.key)];
      if (value === undefined) return [];
      return [[flag.key, flag.kind === "pairs" ? pairsOf(value as readonly string[]).pairs : value]];
    }),
  );
  const config = options["config"];
  return parseRequest(typeof config === "string" ? readConfig(config) : {}, flags);
}

/** Whether a command line asks what variants of images there are. */
export function asksForVariants(options: RawRequest): boolean {
  return options["variant"] === "list";
}

/** The systems that a command line names; a list of pairs goes on up to the next option, so one may be its last word. */
export function systemsOf(systems: readonly string[], options: RawRequest): string[] {
  const rests = requestFlags()
    .filter(({ kind, key }) => kind === "pairs" && options[key] !== undefined)
    .flatMap(({ key }) => pairsOf(options[key] as readonly string[]).rest ?? []);
  return [...systems, ...rests];
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function optionsOf(flag: Flag): Option[] {
  const description = describe(flag);
  if (flag.kind === "boolean") {
    return [new Option(`--${flag.name}`, description), new Option(`--no-${flag.name}`, "").hideHelp()].map(unset);
  }
  const option = new Option(`--${flag.name} <${flag.placeholder.toLowerCase()}>`, description);
  if (flag.kind === "number") return withAlias(option.argParser(numberOrText), flag);
  if (flag.kind === "pairs") return [new Option(`--${flag.name} <${pairPlaceholder(flag)}...>`, description)];
  if (flag.kind === "list") return [option.argParser(collect(flag.key === "contents" ? parseContentsFlag : String))];
  return [option];
}

/** `FROM TO` as commander's one placeholder of a list. */
function pairPlaceholder({ placeholder }: Flag): string {
  return placeholder.toLowerCase().replaceAll(" ", "-and-");
}

/** Another name stands for the same, and is not shown. */
function withAlias(option: Option, { alias, placeholder }: Flag): Option[] {
  if (alias === undefined) return [option];
  return [option, new Option(`--${alias} <${placeholder.toLowerCase()}>`).argParser(numberOrText).hideHelp()];
}

/** Commander gives `--no-x` a default of true; ours come from the schema alone. */
function unset(option: Option): Option {
  return option.default(undefined);
}

function describe(flag: Flag): string {
  const choices = flag.choices.length === 0 ? "" : ` [${flag.choices.join(", ")}]`;
  return `${flag.description}${choices}${fallbackOf(flag)}`;
}

function fallbackOf(flag: Flag): string {
  if (flag.kind === "boolean") return flag.default === "false" ? "" : ` (--no-${flag.name}: off)`;
  return flag.default === undefined ? "" : ` (default: ${flag.default})`;
}

function collect(read: (text: string) => unknown): (text: string, previous: unknown) => unknown[] {
  return (text, previous) => [...(Array.isArray(previous) ? (previous as unknown[]) : []), read(text)];
}

/** Reads a number; returns any other text as it is, so that the schema names it among the other faults. */
function numberOrText(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function readConfig(path: string): RawRequest {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as RawRequest;
  } catch (error) {
    throw new MkimageError("BAD_REQUEST", `the config file ${path} cannot be read: ${(error as Error).message}`, {
      hint: "it is a JSON object whose keys mkimage schema lists",
    });
  }
  throw new MkimageError("BAD_REQUEST", `the config file ${path} holds no JSON object`, {
    hint: "its keys are those that mkimage schema lists",
  });
}
