import { closeSync, copyFileSync, existsSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { basename, join } from "node:path";

const blockSize = 4096;

/** Copies of images that are changed and made whole again, since writing all of them each time takes longer than reading. */
export class Scratch {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Gives a file of an image at `path` what it is to have, while `use` looks at it. */
  async with<Result>(path: string, was: Buffer, is: Buffer, use: (path: string) => Promise<Result>): Promise<Result> {
    const copy = join(this.#folder, basename(path));
    if (!existsSync(copy)) copyFileSync(path, copy);
    change(copy, was, is);
    try {
      return await use(copy);
    } finally {
      change(copy, is, was);
    }
  }
}

function change(path: string, from: Buffer, to: Buffer): void {
  const descriptor = openSync(path, "r+");
  ftruncateSync(descriptor, to.length);
  for (let at = 0; at < to.length; at += blockSize) {
    const block = to.subarray(at, at + blockSize);
    if (!block.equals(from.subarray(at, at + blockSize))) writeSync(descriptor, block, 0, block.length, at);
  }
  closeSync(descriptor);
}
