import { stripVTControlCharacters } from "node:util";
import * as z from "zod";

/** One line of Nix's log in its form for programs, `--log-format internal-json`. Identifiers are 64 bits wide. */
export type LogLine =
  | {
      readonly kind: "start";
      readonly id: string;
      readonly type: number;
      readonly text: string;
      readonly fields: readonly unknown[];
    }
  | { readonly kind: "stop"; readonly id: string }
  | { readonly kind: "result"; readonly id: string; readonly type: number; readonly fields: readonly unknown[] }
  | ({ readonly kind: "message" } & LogMessage)
  /** None of these: a program's own words, or those of a Nix that knows more. */
  | { readonly kind: "other"; readonly text: string };

/** Something that Nix says. */
export interface LogMessage {
  /** 0 error (traces too), 1 warning, 2 notice, 3 information. */
  readonly level: number;
  readonly text: string;
  /** Of an error its own words, without the way there. */
  readonly decisive: string | undefined;
}

const lineSchema = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("start"),
    type: z.number(),
    text: z.string(),
    fields: z.array(z.unknown()).default([]),
  }),
  z.object({ action: z.literal("stop") }),
  z.object({ action: z.literal("result"), type: z.number(), fields: z.array(z.unknown()) }),
  z.object({ action: z.literal("msg"), level: z.number(), msg: z.string(), raw_msg: z.string().nullish() }),
]);

const mark = "@nix ";

/**
 * Reads a line of the log. Pure; there is no line that it does not take.
 *
 * Source: Nix's `src/libutil/logging.cc`, class JSONLogger; the same from 2.4 to 2.34 and in Lix.
 */
export function parseLogLine(line: string): LogLine {
  const parsed = line.startsWith(mark) ? lineSchema.safeParse(jsonOf(line.slice(mark.length))) : undefined;
  if (parsed?.success !== true) return { kind: "other", text: plain(line) };
  const id = /"id":(\d+)/.exec(line)?.[1] ?? "";
  switch (parsed.data.action) {
    case "msg": {
      const { level, msg, raw_msg } = parsed.data;
      return {
        kind: "message",
        level,
        text: plain(msg),
        decisive: raw_msg === undefined ? undefined : plain(raw_msg ?? ""),
      };
    }
    case "start":
      return { kind: "start", id, type: parsed.data.type, text: plain(parsed.data.text), fields: parsed.data.fields };
    case "stop":
      return { kind: "stop", id };
    case "result":
      return { kind: "result", id, type: parsed.data.type, fields: parsed.data.fields };
  }
}

/** Without the colours that Nix writes even where no terminal is. */
function plain(text: string): string {
  return stripVTControlCharacters(text).trimEnd();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
