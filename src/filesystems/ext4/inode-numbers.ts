import type { Inode } from "../../manifest/inode.ts";

/** How far from its slot a number may stand. */
const mostSteps = 8;

/**
 * The numbers of inodes, by which one is known again that stands under several names. Those of whole files that a walk has found
 * are in a table by their inodes on this machine: a map of a million objects takes seven times as much, and leaves as much
 * behind when it grows.
 */
export class InodeNumbers {
  readonly #inodes: readonly (Inode | undefined)[];
  /** Numbers; 0 where there is none. */
  readonly #slots: Uint32Array;
  readonly #others = new Map<Inode, number>();

  /** @param inodes by their numbers, each there before its number is set. `most`: how many may come. */
  constructor(inodes: readonly (Inode | undefined)[], most: number) {
    this.#inodes = inodes;
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(1.5 * most + mostSteps)));
  }

  get(inode: Inode): number | undefined {
    const slot = this.#find(inode, (number) => this.#inodes[number] === inode);
    return slot === undefined ? this.#others.get(inode) : this.#slots[slot];
  }

  set(inode: Inode, number: number): void {
    const slot = this.#find(inode, (taken) => taken === 0);
    if (slot === undefined) this.#others.set(inode, number);
    else this.#slots[slot] = number;
  }

  /** The first slot near that of a whole file whose number is as wanted. */
  #find(inode: Inode, isWanted: (number: number) => boolean): number | undefined {
    const first = inode.type === "file" && "kind" in inode.content ? inode.content.inode : undefined;
    if (first === undefined) return undefined;
    const mask = this.#slots.length - 1;
    for (let step = 0; step < mostSteps; step += 1) {
      const slot = (first + step) & mask;
      if (isWanted(this.#slots[slot] as number)) return slot;
    }
    return undefined;
  }
}
