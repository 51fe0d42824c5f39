import type { Finding } from "./judges.ts";

/** What another judge objects to and `verify` does not, with the reason. */
export interface Tolerated {
  readonly judge: Finding["judge"];
  readonly says: RegExp;
  readonly reason: string;
}

export const tolerated: readonly Tolerated[] = [];
