import { MkimageError } from "../base/errors.ts";

/**
 * Reads the value of one `--contents` flag: a JSON object, or `source=PATH,target=PATH,mode=0600,user=NAME,group=NAME`.
 *
 * @throws MkimageError BAD_REQUEST when it is neither.
 */
export function parseContentsFlag(text: string): unknown {
  return text.trimStart().startsWith("{") ? parseJson(text) : parsePairs(text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badContents(text, `is not JSON (${(error as Error).message})`);
  }
}

function parsePairs(text: string): Record<string, string> {
  const pairs = text.split(",").map((pair) => {
    const [, key, value] = /^([a-z]+)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined)
      throw badContents(text, `has a part without key: ${JSON.stringify(pair)}`);
    return [key, value] as const;
  });
  return Object.fromEntries(pairs);
}

function badContents(text: string, what: string): MkimageError {
  return new MkimageError("BAD_REQUEST", `--contents ${JSON.stringify(text)} ${what}`, {
    hint: `write source=PATH,target=PATH[,mode=0600][,user=NAME,group=NAME], or a JSON object where a path has a comma`,
  });
}
