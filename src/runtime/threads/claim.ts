/** Something that one of several threads is to do, whichever comes to it first: memory that all of them see. */
export type SharedFlag = Int32Array<SharedArrayBuffer>;

export function newClaim(): SharedFlag {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** Whether nobody had taken it before. Whoever hears so does it. */
export function take(claim: SharedFlag): boolean {
  return Atomics.exchange(claim, 0, 1) === 0;
}
