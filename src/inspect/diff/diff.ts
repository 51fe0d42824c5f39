import { lstatSync, realpathSync } from "node:fs";
import { MkimageError } from "../../base/errors.ts";
import { withDisks } from "../inspect.ts";
import type { OpenOptions } from "../../image/reading/open-image.ts";
import type { ReadDisk } from "../read-disk.ts";
import { queryClosure } from "../../nix/closure.ts";
import { storePathOf } from "../../nix/store-path.ts";
import { compareDisks } from "./compare-disks.ts";
import { compareStores, type SizedPath } from "./compare-stores.ts";
import type { DiffFacts } from "./facts.ts";

/**
 * Compares two images, or the closures of two store paths.
 *
 * @throws MkimageError BAD_REQUEST when one is an image and the other a store path; as `openImage` does; RESOLVE_FAILED
 *   when Nix does not know a store path.
 */
export async function diff(before: string, after: string, options: OpenOptions): Promise<DiffFacts> {
  const [old, now] = [storePathAt(before), storePathAt(after)];
  if (old !== undefined && now !== undefined) return await compareClosures(old, now, options.signal);
  if (old !== undefined || now !== undefined) {
    throw new MkimageError(
      "BAD_REQUEST",
      `${old === undefined ? after : before} is a store path, and the other is none`,
      {
        hint: "give two images, or two store paths whose closures are compared",
      },
    );
  }
  return await withDisks([before, after], options, async ([one, other]) => {
    return await compareDisks(one as ReadDisk, other as ReadDisk, options);
  });
}

/** A folder in the Nix store, also through a link such as `result`; files are images wherever they are. */
function storePathAt(path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return lstatSync(real).isDirectory() ? storePathOf(real) : undefined;
  } catch {
    return undefined;
  }
}

async function compareClosures(before: string, after: string, signal: AbortSignal | undefined): Promise<DiffFacts> {
  const query = async (path: string): Promise<SizedPath[]> => {
    const { paths } = await queryClosure([path], signal === undefined ? {} : { signal });
    return paths.map(({ path: each, narSize: size }) => ({ path: each, size }));
  };
  const store = compareStores(await query(before), await query(after));
  return { version: 1, same: store.changes.length === 0, bytes: null, partitions: [], files: [], store };
}
