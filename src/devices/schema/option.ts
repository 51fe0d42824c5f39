import * as z from "zod";

/** An option that may be missing or `null`; both read as `null`. */
export function optional<T extends z.ZodType>(type: T, description: string) {
  return described(z.nullable(type).default(null), description);
}

/** An option with a default. */
export function withDefault<T extends z.ZodType>(type: T, value: z.output<T>, description: string) {
  return described(z._default(type, value as z.util.NoUndefined<z.output<T>>), description);
}

/** Describes a schema that is nobody else's; `meta` would make another one, and every start makes hundreds. */
function described<T extends z.ZodType>(schema: T, description: string): T {
  z.globalRegistry.add(schema, { description });
  return schema;
}

/** An option that has to be there. */
export function required<T extends z.ZodType>(type: T, description: string): T {
  return type.meta({ description });
}

/** The option that says which type a node is of. */
export function nodeType<T extends string>(name: T) {
  return required(z.literal(name), "The type of the node.");
}

/** A list of words for a command line, empty unless given. */
export function extraArguments(command: string) {
  return withDefault(z.array(z.string()), [], `Further arguments of \`${command}\`, one word an entry.`);
}

/** Mount options, as in fstab. */
export const mountOptions = withDefault(z.array(z.string()), ["defaults"], "Mount options, as in fstab, one an entry.");

export const mountpoint = optional(
  z.string().startsWith("/", "a mount point is an absolute path"),
  "Where it is mounted in the system: an absolute path. `null`: nowhere.",
);

export const device = optional(
  z.string(),
  "The device, as the installed system names it. `null`: the one that the parent node provides.",
);
