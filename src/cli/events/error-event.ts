import { exitCodes, type MkimageError } from "../../base/errors.ts";
import type { MkimageEvent } from "./event.ts";

/** An error as the last event. */
export function errorEvent({ code, message, details, hint }: MkimageError): MkimageEvent {
  const parts = { code, exitCode: exitCodes[code], message, details: [...details] };
  return { event: "error", ...parts, ...(hint === undefined ? {} : { hint }) };
}
