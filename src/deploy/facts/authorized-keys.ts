const mostKeys = 1000;
const longestKey = 16 * 1024;

/**
 * Returns the lines of files of authorized keys that give somebody a shell, each once: no remarks, none with a command of its
 * own, as clouds have it for root. Pure. Source: sshd(8), AUTHORIZED_KEYS FILE FORMAT.
 */
export function readAuthorizedKeys(lines: readonly string[]): string[] {
  const keys = lines.map((line) => line.trim()).filter(isUsable);
  return [...new Set(keys)].slice(0, mostKeys);
}

function isUsable(line: string): boolean {
  if (line === "" || line.startsWith("#") || line.length > longestKey || /\p{Cc}/u.test(line)) return false;
  const options = /^(?:"(?:\\.|[^"\\])*"|[^\s"])*/.exec(line)?.[0] ?? "";
  return !hasCommand(options);
}

function hasCommand(options: string): boolean {
  const outside = options.replaceAll(/"(?:\\.|[^"\\])*"/g, '""');
  return outside.split(",").some((option) => /^command=/i.test(option));
}
