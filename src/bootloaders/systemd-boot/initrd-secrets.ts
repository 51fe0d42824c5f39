/**
 * Whether a system's append-initrd-secrets leaves the initrd alone. NixOS always makes that script; without secrets it
 * ends with `exit 0` at the left margin before anything is copied.
 */
export function appendsNothing(script: string): boolean {
  const end = /^exit 0[ \t]*$/m.exec(script);
  return end !== null && !/\b(?:cp|cpio|mkdir|mktemp|install|tee|cat)\b|>>/.test(script.slice(0, end.index));
}
