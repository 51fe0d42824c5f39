import { readContents } from "../manifest/contents.ts";
import { placeContents } from "../manifest/place-contents.ts";
import { readRoot } from "../manifest/read-root.ts";
import type { NixOptions } from "../nix/nix.ts";
import type { Request } from "../request/schema.ts";
import { contentsOf, privateSourcesOf, timestamp, whole } from "./added-files.ts";
import { chooseDevices } from "./choose-devices.ts";
import { chooseScript } from "./choose-script.ts";
import type { BuildContext } from "./context.ts";
import type { ImageSource } from "./plan/source.ts";

/**
 * Finds out what goes into an image of a folder or a tar, in place of a system.
 *
 * @throws MkimageError BAD_REQUEST.
 */
export async function prepareRoot(
  request: Request,
  root: string,
  scratchFolder: string,
  context: BuildContext,
  nixOptions: NixOptions,
): Promise<ImageSource> {
  const files = await readRoot(root, {
    owner: request.owner === "root" ? "root" : "as-is",
    times: "as-is",
    scratchFolder,
    signal: context.signal,
  });
  const time = timestamp(context.time);
  placeContents(files, readContents(contentsOf(request), time), time);
  return {
    tree: await chooseDevices(request, undefined, context.reporter, nixOptions),
    script: await chooseScript(request, undefined, {}),
    variant: undefined,
    system: undefined,
    roots: ["root tree"],
    storePaths: [],
    storeSums: new Map(),
    files,
    asked: [whole(files)],
    namedOwners: [],
    privateSources: privateSourcesOf(request),
  };
}
