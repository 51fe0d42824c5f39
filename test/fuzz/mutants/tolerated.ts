import type { Finding } from "./judges.ts";

/** Objections of another judge that `verify` does not have, with the reason. */
export interface Tolerated {
  readonly judge: Finding["judge"];
  readonly says: RegExp;
  readonly reason: string;
}

export const tolerated: readonly Tolerated[] = [];
