import { MkimageError } from "../../base/errors.ts";

/** @throws MkimageError BAD_REQUEST for a label that FAT cannot hold. */
export function checkLabel(label: string): void {
  if (/^([A-Za-z0-9!#$%&'()@^_`{}~-][A-Za-z0-9 !#$%&'()@^_`{}~-]{0,10})?$/.test(label)) return;
  throw new MkimageError("BAD_REQUEST", `${JSON.stringify(label)} is not a label for a FAT filesystem`, {
    hint: "use up to 11 letters, digits, spaces and -_!#$%&'()@^`{}~",
  });
}
