import type { Request } from "../request/schema.ts";
import { storePathAt } from "../nix/store-path-at.ts";

/**
 * The store path of a request's own toolbox; `undefined` where the guest's programs are this machine's.
 *
 * @throws MkimageError BAD_REQUEST when it is none.
 */
export function toolboxPathOf({ toolbox }: Pick<Request, "toolbox">): string | undefined {
  return toolbox === undefined ? undefined : storePathAt(toolbox);
}
