import * as z from "zod";
import { requestSchema } from "./schema.ts";
import { flagName } from "./written.ts";

/** One option of the command line, as the schema describes it. */
export interface Flag {
  /** The key in the request and in a `--config` file. */
  readonly key: string;
  /** Without dashes: `boot-size`. */
  readonly name: string;
  readonly kind: "boolean" | "text" | "number" | "list" | "pairs";
  /** Another name for it, without dashes. */
  readonly alias: string | undefined;
  readonly placeholder: string;
  readonly description: string;
  readonly choices: readonly string[];
  /** As it is written by a user; undefined where there is none. */
  readonly default: string | undefined;
}

/** The request as a JSON Schema (2020-12), for editors and for `mkimage schema`. */
export function requestJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(requestSchema, { io: "input", target: "draft-2020-12" });
}

/** The options of `build` and `plan`, in the order of the schema. */
export function requestFlags(): readonly Flag[] {
  return (flags ??= describeFlags());
}

/** Described once, and from the schema itself: every start needs them, and a JSON Schema of it takes milliseconds. */
let flags: readonly Flag[] | undefined;

function describeFlags(): readonly Flag[] {
  return Object.entries<z.ZodType>(requestSchema.shape).map(([key, option]) => flagOf(key, option));
}

function flagOf(key: string, option: z.ZodType): Flag {
  const type = typeOf(option);
  return {
    key,
    name: flagName(key),
    kind: kindOf(type),
    alias: told(option, "alias"),
    placeholder: placeholderOf(option) ?? "VALUE",
    description: option.description ?? "",
    choices: choicesOf(type),
    default: shown(fallbackOf(option)),
  };
}

/** A fact about an option besides its type: `meta` in the schema. */
function told(option: z.ZodType, name: "alias" | "placeholder"): string | undefined {
  return option.meta()?.[name] as string | undefined;
}

/** The type below what says that an option may be missing, and what it is then. */
function typeOf(option: z.ZodType): z.ZodType {
  const inner = innerOf(option);
  return inner === undefined ? option : typeOf(inner);
}

function innerOf(option: z.ZodType): z.ZodType | undefined {
  const wraps = option instanceof z.ZodOptional || option instanceof z.ZodDefault || option instanceof z.ZodPrefault;
  return wraps ? (option.unwrap() as z.ZodType) : undefined;
}

function fallbackOf(option: z.ZodType): unknown {
  return option instanceof z.ZodDefault || option instanceof z.ZodPrefault ? option.def.defaultValue : undefined;
}

function kindOf(type: z.ZodType): Flag["kind"] {
  if (type instanceof z.ZodBoolean) return "boolean";
  if (type instanceof z.ZodArray) return type.element instanceof z.ZodTuple ? "pairs" : "list";
  const isNumber = type instanceof z.ZodNumber || literalsOf(type).some((value) => typeof value === "number");
  return isNumber ? "number" : "text";
}

/** The words or numbers that an option takes, where there is more than one and nothing else. */
function choicesOf(type: z.ZodType): readonly string[] {
  if (type instanceof z.ZodEnum) return type.options.map(String);
  const literals = literalsOf(type);
  return literals.length > 1 ? literals.map(String) : [];
}

function literalsOf(type: z.ZodType): unknown[] {
  const parts = type instanceof z.ZodUnion ? (type.options as readonly z.ZodType[]) : [];
  return parts.flatMap((part) => (part instanceof z.ZodLiteral ? [part.value] : []));
}

/** The first one from the outside in. */
function placeholderOf(type: z.ZodType): string | undefined {
  const own = told(type, "placeholder");
  if (own !== undefined) return own;
  if (type instanceof z.ZodEnum) return "CHOICE";
  return partsOf(type)
    .map(placeholderOf)
    .find((found) => found !== undefined);
}

function partsOf(type: z.ZodType): readonly z.ZodType[] {
  if (type instanceof z.ZodArray) return [type.element as z.ZodType];
  if (type instanceof z.ZodUnion) return type.options as readonly z.ZodType[];
  return [innerOf(type) ?? []].flat();
}

function shown(value: unknown): string | undefined {
  if (value === undefined || (Array.isArray(value) && value.length === 0) || value === "") return undefined;
  return String(value);
}
