import { MkimageError } from "./errors.ts";

const mostFaults = 50;
/** Further ones say nothing new about the damage. */
const mostCounted = 10_000;

/** The faults of an image, collected while the rest of it is read. */
export class Faults {
  readonly list: string[] = [];
  #count = 0;

  /** @throws MkimageError BAD_IMAGE when there are too many faults for reading on to be of use. */
  requireFew(): void {
    if (this.#count > mostCounted) throw badImage("so much of it is damaged that the rest was not read");
  }

  add(text: string): void {
    this.#count += 1;
    if (this.list.length < mostFaults) this.list.push(text);
  }

  /** Does some reading; what it cannot read because of the image is noted. Only then it is asked what that was. */
  attempt<Result>(what: string | (() => string), read: () => Result): Result | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof MkimageError) || error.code !== "BAD_IMAGE") throw error;
      // Naming what is not shown costs more than finding it.
      if (this.list.length < mostFaults) this.add(`${typeof what === "string" ? what : what()}: ${error.message}`);
      else this.#count += 1;
      return undefined;
    }
  }

  /** As `attempt`, for what reads long. */
  async attemptAll(what: string, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof MkimageError) || error.code !== "BAD_IMAGE") throw error;
      this.#addLast(`${what}: ${error.message}`);
    }
  }

  /** Why reading ended is said in any case. */
  #addLast(text: string): void {
    this.list.splice(mostFaults - 1, 1, text);
  }
}

/** The error for an image whose bytes make no sense. */
export function badImage(message: string): MkimageError {
  return new MkimageError("BAD_IMAGE", message);
}
