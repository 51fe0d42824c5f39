import * as z from "zod";
import { type ErrorCode, exitCodes } from "../../base/errors.ts";
import { printableJson } from "../../inspect/printable.ts";

/** Where several systems are built side by side, the name of the one that an event is about. */
const system = z.string().optional().describe("which of several systems that are built side by side");

const title = z.string().describe("the task's title, for people");
const seconds = z.number().describe("how long it took");
const codes = Object.keys(exitCodes) as [ErrorCode, ...ErrorCode[]];

/**
 * The events that `--json` prints on standard error while a command works, one a line. A new kind of event, or a new field,
 * leaves the version as it is; readers pass over what they do not know.
 */
export const eventSchema = z.discriminatedUnion("event", [
  z
    .object({
      event: z.literal("start"),
      version: z.literal(1).describe("of these events"),
      mkimage: z.string().describe("mkimage's own version"),
      system,
    })
    .describe("The first line."),
  z.object({ event: z.literal("task"), title, system }).describe("A task begins. Its title names it until it ends."),
  z
    .object({
      event: z.literal("progress"),
      title,
      done: z.number().describe("so much of it, in bytes where it is about bytes"),
      total: z.number().describe("all of it; it changes only where Nix finds more, or less, to build and to fetch"),
      system,
    })
    .describe("How far a task is; at most four times a second, and once at its end."),
  z
    .object({ event: z.literal("detail"), title, text: z.string().describe("for people"), system })
    .describe("What a task does right now."),
  z.object({ event: z.literal("done"), title, seconds, system }).describe("A task ended well."),
  z.object({ event: z.literal("failed"), title, seconds, system }).describe("A task ended with an error."),
  z
    .object({ event: z.literal("note"), text: z.string().describe("for people"), system })
    .describe("Something the user should know, which is no error."),
  z
    .object({
      event: z.literal("command"),
      argv: z.array(z.string()).describe("the program's path and its arguments, as they are"),
      system,
    })
    .describe("An external program is run. With `--verbose` only."),
  z
    .object({ event: z.literal("output"), text: z.string().describe("a line, without escape sequences"), system })
    .describe("A line of a guest's console, or of the log of a build of Nix's (`NAME> …`). With `--verbose` only."),
  z
    .object({ event: z.literal("interrupted"), signal: z.string().describe("`SIGINT`, `SIGTERM` or `SIGHUP`") })
    .describe("A signal came; what was begun is cleaned up."),
  z
    .object({
      event: z.literal("error"),
      code: z.enum(codes).describe("the kind of error; `src/base/errors.ts` has its exit code"),
      exitCode: z.number().describe("of the command"),
      message: z.string().describe("what failed and with which value"),
      details: z.array(z.string()).describe("further lines: each fault, the last lines of a command's output"),
      hint: z.string().optional().describe("what to do about it"),
    })
    .describe("The last line of a command that failed."),
]);

/** One event. */
export type MkimageEvent = z.output<typeof eventSchema>;

/** The events as a JSON Schema (2020-12). */
export function eventJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(eventSchema, { target: "draft-2020-12" });
}

/** Says an event to whoever reads standard error. */
export function emit(event: MkimageEvent): void {
  process.stderr.write(`${printableJson(event)}\n`);
}
