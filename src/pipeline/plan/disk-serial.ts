import { createHash } from "node:crypto";

/** The longest serial number that a virtio disk can have. */
const longest = 20;

/** The serial number by which a guest finds a disk of the layout: its name, or what stands for a name that is none. */
export function diskSerial(name: string): string {
  if (name.length <= longest && /^[\w.-]+$/.test(name)) return name;
  return createHash("sha256").update(name).digest("hex").slice(0, longest);
}
