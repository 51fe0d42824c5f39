/** Whether a system uses the space of a larger disk by itself, and how that is known. */
export interface Growth {
  readonly partition: Finding;
  readonly filesystem: Finding;
}

export interface Finding {
  /** `null`: it does not grow. */
  readonly how: "growpart" | "repart" | "growfs" | "initrd" | null;
  readonly reason: string;
  /** With `repart`: the GUIDs of the partition types that it grows, in capitals. */
  readonly types?: readonly string[];
}
