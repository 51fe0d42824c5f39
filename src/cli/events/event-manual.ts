import { eventJsonSchema } from "./event.ts";

interface Variant {
  readonly description: string;
  readonly properties: Readonly<Record<string, Property>>;
  readonly required: readonly string[];
}

interface Property {
  readonly const?: unknown;
  readonly type?: string;
  readonly items?: Property;
  readonly description?: string;
}

/** `docs/events.md`: every event with its fields, as the schema has them. */
export function eventManual(): string {
  const { oneOf } = eventJsonSchema() as { readonly oneOf: readonly Variant[] };
  return [introduction, ...oneOf.map(sectionOf)].join("\n");
}

const introduction = `# Events

<!-- written by \`make docs\` from src/cli/events/event.ts -->

With \`--json\`, a command says on standard error what it does: one JSON object a line, whose \`event\` says what it is. The
result is on standard output, as JSON as well, and complete when the exit code is 0. \`mkimage schema events\` prints the JSON
Schema of a line.

These are the events of version 1. Kinds and fields may be added to it, so pass over what you do not know; a change that
breaks readers gets another version.
`;

function sectionOf({ description, properties, required }: Variant): string {
  const { event, ...fields } = properties;
  const rows = Object.entries(fields).map(([name, property]) => {
    const need = required.includes(name) ? "" : ", optional";
    return `| \`${name}\` | ${typeOf(property)}${need} | ${property.description ?? ""} |`;
  });
  return [
    `## \`${String(event?.const)}\``,
    "",
    description,
    "",
    "| field | type | meaning |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function typeOf({ const: value, type, items }: Property): string {
  if (value !== undefined) return JSON.stringify(value);
  return type === "array" ? `list of ${items?.type ?? "anything"}s` : (type ?? "");
}
