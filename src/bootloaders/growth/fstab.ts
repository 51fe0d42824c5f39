/** One line of an fstab. */
export interface FstabEntry {
  readonly device: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly options: readonly string[];
}

/**
 * The filesystems that an fstab names.
 *
 * Source: fstab(5).
 */
export function parseFstab(text: string): FstabEntry[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [device = "", mountPoint = "", type = "auto", options = ""] = line.split(/\s+/).map(unescape);
      return { device, mountPoint, type, options: options.split(",").filter((option) => option !== "") };
    });
}

/** Blanks in a field are written as octal numbers. */
function unescape(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
