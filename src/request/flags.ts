import * as z from "zod";
import { requestSchema } from "./schema.ts";

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

interface Property {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Property[];
  readonly const?: number;
  readonly items?: Property;
  readonly prefixItems?: readonly Property[];
  readonly alias?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly placeholder?: string;
  readonly $ref?: string;
}

/** The request as a JSON Schema (2020-12), for editors and for `mkimage schema`. */
export function requestJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(requestSchema, { io: "input", target: "draft-2020-12" });
}

/** The options of `build` and `plan`, in the order of the schema. */
export function requestFlags(): readonly Flag[] {
  return (flags ??= describeFlags());
}

/** They are asked for several times before a command begins, and take some milliseconds to describe. */
let flags: readonly Flag[] | undefined;

function describeFlags(): readonly Flag[] {
  const schema = requestJsonSchema() as { properties: Record<string, Property>; $defs?: Record<string, Property> };
  return Object.entries(schema.properties).map(([key, property]) => flagOf(key, property, schema.$defs ?? {}));
}

function flagOf(key: string, property: Property, definitions: Readonly<Record<string, Property>>): Flag {
  const choices = property.enum ?? property.anyOf?.flatMap((part) => part.const?.toString() ?? []) ?? [];
  return {
    key,
    name: key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    kind: kindOf(property),
    alias: property.alias,
    placeholder: placeholderOf(property, definitions) ?? "VALUE",
    description: property.description ?? "",
    choices: property.anyOf === undefined || choices.length > 1 ? choices : [],
    default: defaultOf(property),
  };
}

function kindOf(property: Property): Flag["kind"] {
  if (property.type === "boolean") return "boolean";
  if (property.type === "array") return property.items?.prefixItems === undefined ? "list" : "pairs";
  const isNumber =
    property.type === "integer" ||
    (property.anyOf ?? []).some((part) => part.const !== undefined && part.type === "number");
  return isNumber ? "number" : "text";
}

function placeholderOf(property: Property, definitions: Readonly<Record<string, Property>>): string | undefined {
  if (property.placeholder !== undefined) return property.placeholder;
  if (property.enum !== undefined) return "CHOICE";
  const target = property.$ref?.replace("#/$defs/", "");
  if (target !== undefined) return definitions[target]?.placeholder;
  for (const part of [property.items, ...(property.anyOf ?? [])]) {
    const found = part === undefined ? undefined : placeholderOf(part, definitions);
    if (found !== undefined) return found;
  }
  return undefined;
}

function defaultOf(property: Property): string | undefined {
  const value = property.default;
  if (value === undefined || (Array.isArray(value) && value.length === 0) || value === "") return undefined;
  return String(value);
}
