import { closeSync } from "node:fs";
import { join } from "node:path";
import { type Bytes, GiB } from "../../base/units.ts";
import { freeSpace } from "../../runtime/free-space.ts";
import { keepWithinBounds, keptFiles, type KeptKind, markUsed, newName } from "../../runtime/kept-files.ts";
import { makeFolder } from "../../runtime/make-folder.ts";
import type { Extent } from "../extent.ts";
import { type FormFile, openFormFile } from "./form-file.ts";
import { GrowingFile } from "./growing-file.ts";
import { gatherClusters, type KnownClusters } from "./known-clusters.ts";
import { type FixedTrees, type SourceKeys, sourceKeys } from "./source-keys.ts";
import { takeForms } from "./take-forms.ts";

/** Files of clusters. Each build opens all that are of its coder. */
export const keptClusters: KeptKind = { prefix: "clusters", mostBytes: 4 * GiB, mostFiles: 32 };

/** Where clusters are kept, and whose need not be read. */
export interface CacheOptions {
  readonly folder: string;
  readonly trees?: FixedTrees | undefined;
}

/** The purpose of a cache. */
interface CacheRequest extends CacheOptions {
  /** Names all that forms depend on beside their clusters; a part of files' names. */
  readonly coder: string;
  /** The most bytes that the image itself may take. */
  readonly imageSize: Bytes;
}

/**
 * The stored forms of clusters, from one build to the next. New ones come into a file of their own, which is there for others
 * when the build has ended, so that any number of builds may use the cache at once. What goes wrong with it makes it less of
 * a cache: no byte of an image depends on it.
 */
export class ClusterCache implements Disposable {
  /** For threads. */
  readonly known: KnownClusters;
  readonly #request: CacheRequest;
  readonly #files: readonly FormFile[];
  #growing: GrowingFile | undefined;

  private constructor(request: CacheRequest, growing: GrowingFile | undefined) {
    this.#request = request;
    this.#files = keptFiles(request.folder, keptClusters, request.coder).flatMap(
      ({ path }) => openFormFile(path) ?? [],
    );
    this.known = gatherClusters(this.#files);
    this.#growing = growing;
  }

  static async open(request: CacheRequest): Promise<ClusterCache> {
    return new ClusterCache(request, await beginFile(request));
  }

  /** Keys of the clusters of a piece, as `sourceKeys`. */
  keysOf(extents: readonly Extent[], offset: Bytes, clusters: number): SourceKeys | undefined {
    const { trees } = this.#request;
    return trees === undefined ? undefined : sourceKeys(extents, offset, clusters, trees);
  }

  /** Takes the forms of a piece, as `takeForms`, where all of it is known by its sources. */
  take({ words, complete }: SourceKeys, memory: SharedArrayBuffer): Bytes[] | undefined {
    return complete ? takeForms(this.known, words, memory) : undefined;
  }

  /** Keeps forms, as `GrowingFile`. */
  keep(records: Uint32Array, memory: SharedArrayBuffer): void {
    if (records.length > 0) this.#grow((growing) => growing.add(records, memory));
  }

  /** Gives other builds what is new, and makes room where the cache is full. */
  publish(): void {
    const { folder, coder } = this.#request;
    const added = join(folder, newName(keptClusters, coder));
    this.#grow((growing) => growing.publish(added));
    const taken = this.#files.filter((_, index) => this.known.taken[index] === 1);
    // Of two forms of a cluster that of the later file counts: it was made where the earlier one was damaged.
    markUsed([...taken.map(({ path }) => path), added]);
    keepWithinBounds(folder, keptClusters);
  }

  [Symbol.dispose](): void {
    for (const { descriptor } of this.#files) closeSync(descriptor);
    this.#growing?.[Symbol.dispose]();
  }

  /** Where the disk is full, or gone, nothing more is kept. */
  #grow(act: (growing: GrowingFile) => void): void {
    if (this.#growing === undefined) return;
    try {
      act(this.#growing);
    } catch {
      this.#growing[Symbol.dispose]();
      this.#growing = undefined;
    }
  }
}

/** `undefined` where nothing can be written, or the image may need the room. */
async function beginFile({ folder, imageSize }: CacheRequest): Promise<GrowingFile | undefined> {
  try {
    makeFolder(folder);
    const room = Math.min(keptClusters.mostBytes, (await freeSpace(folder)) - imageSize);
    return room > 0 ? await GrowingFile.begin(folder, room) : undefined;
  } catch {
    return undefined;
  }
}
