import { closeSync, openSync, renameSync, writevSync } from "node:fs";
import { join } from "node:path";
import type { Bytes } from "../../base/units.ts";
import { openWorkspace, type Workspace } from "../../runtime/workspace.ts";
import { writeFullySync } from "../file-output.ts";
import { clusterSize } from "../qcow2/format.ts";
import { recordsAndEnd } from "./form-file.ts";
import { formOf, keyOf, recordOf, recordWords } from "./record.ts";

/** A file of forms that is being made, in a workspace of its own: others see it when it is whole. */
export class GrowingFile implements Disposable {
  readonly #workspace: Workspace;
  readonly #path: string;
  readonly #file: number;
  readonly #room: Bytes;
  /** Of the records. */
  readonly #words: number[] = [];
  readonly #keys = new Set<string>();
  #end: Bytes = 0;

  /** @param room the most bytes that forms may take. */
  private constructor(workspace: Workspace, room: Bytes) {
    this.#workspace = workspace;
    this.#room = room;
    this.#path = join(workspace.folder, "clusters");
    this.#file = openSync(this.#path, "w");
  }

  /** Throws where nothing can be made in the folder. */
  static async begin(folder: string, room: Bytes): Promise<GrowingFile> {
    const workspace = await openWorkspace(folder);
    try {
      return new GrowingFile(workspace, room);
    } catch (error) {
      workspace.remove();
      throw error;
    }
  }

  /**
   * Adds forms that are in `memory`, each where its cluster would be; the place of a record is the index of its cluster. What
   * there is no room for is left out. Throws the operating system's error.
   */
  add(records: Uint32Array, memory: SharedArrayBuffer): void {
    const views: Uint8Array[] = [];
    const start = this.#end;
    for (let index = 0; index < records.length / recordWords; index += 1) {
      const { place, length, checksum } = formOf(records, index);
      const kept = length === clusterSize ? 0 : length;
      if (this.#end + kept > this.#room || !this.#isNew(keyOf(records, index))) continue;
      this.#words.push(...recordOf(keyOf(records, index), { place: this.#end, length, checksum }));
      if (kept > 0) views.push(new Uint8Array(memory, place * clusterSize, kept));
      this.#end += kept;
    }
    this.#write(views, start);
  }

  /** Lets others see it under a name in its folder, if there is something in it. Throws the operating system's error. */
  publish(path: string): void {
    if (this.#words.length === 0) return;
    writeFullySync(this.#file, recordsAndEnd(Uint32Array.from(this.#words)), this.#end);
    renameSync(this.#path, path);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
    this.#workspace.remove();
  }

  /** A cluster that occurs twice is kept once. */
  #isNew(key: Uint32Array): boolean {
    const name = key.join();
    if (this.#keys.has(name)) return false;
    this.#keys.add(name);
    return true;
  }

  #write(views: readonly Uint8Array[], place: Bytes): void {
    if (views.length === 0) return;
    const done = writevSync(this.#file, views, place);
    if (place + done < this.#end) writeFullySync(this.#file, Buffer.concat(views).subarray(done), place + done);
  }
}
