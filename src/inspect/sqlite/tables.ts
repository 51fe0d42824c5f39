import { badImage } from "../../base/image-faults.ts";
import { rowsOf } from "./rows.ts";
import type { Pages } from "./pages.ts";
import type { Value } from "./record.ts";

/** A table whose rows can be read as they stand. */
interface Table {
  readonly root: number;
  /** In small letters, in their order. */
  readonly columns: readonly string[];
}

/**
 * Finds a plain table: no view, no virtual table, none without row numbers, and with no column that is computed.
 *
 * Source: sqlite.org, "Database File Format", 2.6; "CREATE TABLE".
 *
 * @throws MkimageError BAD_IMAGE when there is none of that name.
 */
export function findTable(pages: Pages, name: string): Table {
  const [type, root, sql] = entryOf(pages, name);
  if (type !== "table") throw badImage(`it has no table ${name}`);
  if (typeof root !== "number" || root < 1 || typeof sql !== "string" || sql.length > longestDescription)
    throw badImage(`${name} is no plain table`);
  const [columns, options] = definitionsIn(sql);
  if (/\bwithout\b/i.test(options) || columns.some((words) => words.some(isComputed)))
    throw badImage(`${name} is no plain table`);
  const names = columns.flatMap(([word = ""]) => (constraints.has(word.toLowerCase()) ? [] : [unquoted(word)]));
  return { root, columns: names.map((each) => each.toLowerCase()) };
}

/** Nix's own have some hundred characters. */
const longestDescription = 4096;

/** Finds the entry of a name in the database's schema; nulls where it has none. */
function entryOf(pages: Pages, name: string): [type: Value, root: Value, sql: Value] {
  let found: ReturnType<typeof entryOf> | undefined;
  for (const { values } of rowsOf(pages, 1, 5)) {
    const [type = null, own, , root = null, sql = null] = values;
    if (typeof own !== "string" || own.toLowerCase() !== name.toLowerCase()) continue;
    if (found !== undefined) throw badImage(`it has ${name} twice`);
    found = [type, root, sql];
  }
  return found ?? [null, null, null];
}

const constraints = new Set(["constraint", "primary", "unique", "check", "foreign"]);

function isComputed(word: string): boolean {
  return ["generated", "as"].includes(word.toLowerCase());
}

/** The words of each column or constraint between the outermost brackets, and what stands behind these. */
function definitionsIn(sql: string): [definitions: readonly string[][], options: string] {
  const definitions: string[][] = [[]];
  let depth = 0;
  for (const { 0: token, index } of sql.matchAll(tokens)) {
    if (token === "(") depth += 1;
    else if (token === ")") depth -= 1;
    else if (depth === 1 && token === ",") definitions.push([]);
    else if (depth === 1 && !/^(\s|--|\/\*)/.test(token)) definitions.at(-1)?.push(token);
    if (token === ")" && depth === 0) return [definitions, sql.slice(index + 1)];
  }
  throw badImage("the description of a table is cut off");
}

/** Blanks, comments, quoted and plain words, and single characters. Each part matches in one way only. */
const tokens = /\s+|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/|"[^"]*"|'[^']*'|`[^`]*`|\[[^\]]*\]|\w+|./gsu;

function unquoted(word: string): string {
  return /^["'`[]/.test(word) ? word.slice(1, -1) : word;
}
