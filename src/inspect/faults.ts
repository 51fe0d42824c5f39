import { MkimageError } from "../errors.ts";

const mostFaults = 50;

/** What is wrong with an image, collected while the rest of it is read. */
export class Faults {
  readonly list: string[] = [];

  add(text: string): void {
    if (this.list.length < mostFaults) this.list.push(text);
  }

  /** Does some reading; what it cannot read because of the image is noted. */
  attempt<Result>(what: string, read: () => Result): Result | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof MkimageError) || error.code !== "BAD_IMAGE") throw error;
      this.add(`${what}: ${error.message}`);
      return undefined;
    }
  }
}

/** The error for an image whose bytes make no sense. */
export function badImage(message: string): MkimageError {
  return new MkimageError("BAD_IMAGE", message);
}
