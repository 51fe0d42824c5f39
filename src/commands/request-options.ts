import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { MkimageError } from "../errors.ts";
import { parseContentsFlag } from "../request/contents.ts";
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
  const flags = Object.fromEntries(Object.entries(options).filter(([key]) => requestKeys.has(key)));
  const config = options["config"];
  return parseRequest(typeof config === "string" ? readConfig(config) : {}, flags);
}

const requestKeys = new Set(requestFlags().map((flag) => flag.key));

function optionsOf(flag: Flag): Option[] {
  const description = describe(flag);
  if (flag.kind === "boolean") {
    return [new Option(`--${flag.name}`, description), new Option(`--no-${flag.name}`, "").hideHelp()].map(unset);
  }
  const option = new Option(`--${flag.name} <${flag.placeholder.toLowerCase()}>`, description);
  if (flag.kind === "number") return [option.argParser(numberOrText)];
  if (flag.kind === "list") return [option.argParser(collect(flag.key === "contents" ? parseContentsFlag : String))];
  return [option];
}

/** Commander gives `--no-x` a default of true; ours come from the schema alone. */
function unset(option: Option): Option {
  return option.default(undefined);
}

function describe(flag: Flag): string {
  const choices = flag.choices.length === 0 ? "" : ` [${flag.choices.join(", ")}]`;
  const fallback = flag.default === undefined || flag.kind === "boolean" ? "" : ` (default: ${flag.default})`;
  return `${flag.description}${choices}${fallback}`;
}

function collect(read: (text: string) => unknown): (text: string, previous: unknown) => unknown[] {
  return (text, previous) => [...(Array.isArray(previous) ? (previous as unknown[]) : []), read(text)];
}

/** What is no number goes on as text, so that the schema names it among the other faults. */
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
