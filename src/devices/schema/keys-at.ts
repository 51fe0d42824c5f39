import * as z from "zod";

/** The keys that the schema knows at a path of an input. */
export function keysAt(schema: z.core.$ZodType, input: unknown, path: readonly PropertyKey[]): readonly string[] {
  const inner = unwrap(schema, input);
  const [key, ...rest] = path;
  if (key === undefined) return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
  const child = childOf(inner, key);
  return child === undefined ? [] : keysAt(child, (input as Record<PropertyKey, unknown>)[key], rest);
}

function childOf(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[key as string];
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodArray) return schema.element;
  return undefined;
}

/** The schema itself, without the wrappers of defaults and nulls; of a union, the variant that the input names. */
function unwrap(schema: z.core.$ZodType, input: unknown): z.core.$ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodNullable || schema instanceof z.ZodLazy) {
    return unwrap(schema.unwrap(), input);
  }
  if (schema instanceof z.ZodUnion) {
    const variant = schema.options.find((option) => isVariant(option, input));
    return variant === undefined ? schema : unwrap(variant, input);
  }
  return schema;
}

function isVariant(schema: z.core.$ZodType, input: unknown): boolean {
  const type = schema instanceof z.ZodObject ? schema.shape["type"] : undefined;
  if (type === undefined || typeof input !== "object" || input === null) return false;
  return (type as z.ZodType).safeParse((input as { type?: unknown }).type).success;
}
