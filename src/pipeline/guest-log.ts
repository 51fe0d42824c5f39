import { resolve } from "node:path";
import type { Request } from "../request/schema.ts";

/** Where the console of a guest that failed is left, beside the output folder. */
export function guestLogOf(request: Request): string {
  return `${resolve(request.out)}.guest.log`;
}
