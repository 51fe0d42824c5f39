import * as z from "zod";
import { deviceTree } from "../device-tree.ts";

/** A section of the manual: a type of node and the schema of its options. */
interface Section {
  readonly title: string;
  readonly schema: z.ZodObject;
}

const introduction = `# Device trees

A device tree says which disks there are and what is on them, in disko's schema. It is JSON: the set under
\`disko.devices\`, or the whole \`{"disko": {"devices": …}}\`. A Nix expression becomes JSON by evaluation.

Options that are not marked *required* may be left out; where the default is \`null\`, \`null\` may be written too. Every
type also takes the [hooks](#hooks). What is marked "Beyond disko" disko does not know.

This page is generated from the schema.`;

/** The manual of the device tree: one section a type, with every option, its type, its default and its meaning. */
export function deviceManual(): string {
  const sections = sectionsFrom(deviceTree);
  const hooks = hookRows(sections);
  return [introduction, ...sections.map((section) => sectionText(section)), hooksText(hooks)].join("\n\n") + "\n";
}

/** The sections in the order in which the tree leads to them, each once. */
function sectionsFrom(root: z.core.$ZodType): Section[] {
  const found = new Map<string, Section>();
  const visit = (schema: z.core.$ZodType): void => {
    const title = titleOf(schema);
    if (title !== undefined && found.has(title)) return;
    if (title !== undefined && schema instanceof z.ZodObject) found.set(title, { title, schema });
    childrenOf(schema).forEach(visit);
  };
  visit(root);
  return [...found.values()];
}

function childrenOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodNullable || schema instanceof z.ZodLazy)
    return [schema.unwrap()];
  if (schema instanceof z.ZodObject) return Object.values(schema.shape);
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (schema instanceof z.ZodArray) return [schema.element];
  return schema instanceof z.ZodUnion ? schema.options : [];
}

function sectionText({ title, schema }: Section): string {
  const options = Object.entries(schema.shape).filter(([name]) => !name.endsWith("Hook"));
  const rows = options.map(([name, option]) => {
    return `| \`${name}\` | ${typeText(option)} | ${defaultText(option)} | ${descriptionOf(option)} |`;
  });
  return [
    `## ${title}`,
    "",
    descriptionOf(schema),
    "",
    "| option | type | default | meaning |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function hookRows(sections: readonly Section[]): string[] {
  const shape = sections.find(({ title }) => title === "disk")?.schema.shape ?? {};
  return Object.entries(shape)
    .filter(([name]) => name.endsWith("Hook"))
    .map(([name, option]) => `| \`${name}\` | ${descriptionOf(option)} |`);
}

function hooksText(rows: readonly string[]): string {
  return [
    "## hooks",
    "",
    "Every type takes these; all are empty unless given.",
    "",
    "| option | meaning |",
    "| --- | --- |",
    ...rows,
  ].join("\n");
}

/** The type of an option in words, with a link where it is a type of its own. */
function typeText(schema: z.core.$ZodType): string {
  const title = titleOf(schema);
  if (title !== undefined) return `[${title}](#${title.replaceAll(" ", "-")})`;
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodLazy) return typeText(schema.unwrap());
  if (schema instanceof z.ZodNullable) return `${typeText(schema.unwrap())} or \`null\``;
  if (schema instanceof z.ZodRecord) return `set of ${typeText(schema.valueType)}`;
  if (schema instanceof z.ZodArray) return `list of ${typeText(schema.element)}`;
  if (schema instanceof z.ZodUnion) return [...new Set(schema.options.map((option) => typeText(option)))].join(", ");
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape)
      .map(([name, inner]) => `{ \`${name}\`: ${typeText(inner)} }`)
      .join(", ");
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => code(option)).join(", ");
  if (schema instanceof z.ZodLiteral) return [...schema.values].map((value) => code(value)).join(", ");
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (schema instanceof z.ZodNumber) return "whole number";
  return schema instanceof z.ZodString ? "string" : "any JSON";
}

function defaultText(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodDefault) return code(schema.def.defaultValue);
  return "*required*";
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}

function titleOf(schema: z.core.$ZodType): string | undefined {
  return z.globalRegistry.get(schema)?.title;
}

function descriptionOf(schema: z.core.$ZodType): string {
  return z.globalRegistry.get(schema)?.description ?? "";
}
