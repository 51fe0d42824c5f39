import { type BuildContext, onThisMachine } from "../pipeline/context.ts";
import { keptFolder } from "../runtime/cache-folder.ts";
import type { Request } from "../request/schema.ts";
import { sourceDateEpoch } from "./source-date-epoch.ts";

/**
 * The environment of a request's build on this machine, without its reporter.
 *
 * @throws MkimageError BAD_REQUEST as `sourceDateEpoch`.
 */
export function surroundingsOf({ reflink, cache }: Request, signal: AbortSignal): Omit<BuildContext, "reporter"> {
  const time = sourceDateEpoch(process.env);
  return { signal, reflink, cache: cache ? keptFolder() : undefined, time, ...onThisMachine };
}
