/** A value of the few kinds that a builder's constants have. */
export type PythonValue = string | number | boolean | null | PythonPath;

/** A `pathlib.Path`. */
interface PythonPath {
  readonly path: string;
}

/** Thrown for whatever is not understood completely; its message is the text at which reading stopped. */
export class UnknownPython extends Error {}

/**
 * The value of a constant expression: literals, f-strings and names of earlier constants, `==`, `!=`, `/` of paths,
 * `Path()`, `int()`, `bool()`, `str()`, and `strip` with its two siblings.
 *
 * @throws UnknownPython for anything else.
 */
export function evaluatePython(source: string, names: ReadonlyMap<string, PythonValue>): PythonValue {
  const reader = new ExpressionReader(source, names);
  const value = reader.comparison();
  reader.expectEnd();
  return value;
}

class ExpressionReader {
  readonly #names: ReadonlyMap<string, PythonValue>;
  #rest: string;

  constructor(source: string, names: ReadonlyMap<string, PythonValue>) {
    this.#rest = source;
    this.#names = names;
  }

  comparison(): PythonValue {
    const left = this.#quotient();
    const operator = this.#take(/^(==|!=)/)?.[1];
    if (operator === undefined) return left;
    const right = this.#quotient();
    const same = typeof left === "object" || typeof right === "object" ? this.#fail() : left === right;
    return operator === "==" ? same : !same;
  }

  expectEnd(): void {
    if (this.#take(/^$/) === undefined) this.#fail();
  }

  #quotient(): PythonValue {
    let value = this.#postfix();
    while (this.#take(/^\/(?!\/)/) !== undefined) value = this.#joined(value, this.#postfix());
    return value;
  }

  #joined(left: PythonValue, right: PythonValue): PythonPath {
    const leaf = isPath(right) ? right.path : right;
    if (!isPath(left) || typeof leaf !== "string") return this.#fail();
    return toPath(leaf.startsWith("/") ? leaf : `${left.path}/${leaf}`);
  }

  #postfix(): PythonValue {
    let value = this.#primary();
    for (;;) {
      const call = this.#take(/^\.(strip|lstrip|rstrip)\(\s*("[^"\\]*"|'[^'\\]*')\s*\)/);
      if (call === undefined) return value;
      if (typeof value !== "string") return this.#fail();
      value = strip(value, call[1] ?? "", (call[2] ?? "").slice(1, -1));
    }
  }

  #primary(): PythonValue {
    if (this.#take(/^\(/) !== undefined) return this.#closed(this.comparison());
    const conversion = this.#take(/^(Path|int|bool|str)\(/)?.[1];
    if (conversion !== undefined) return this.#converted(conversion, this.#closed(this.comparison()));
    const number = this.#take(/^-?\d+(?![\w.])/)?.[0];
    if (number !== undefined) return Number(number);
    const name = this.#take(/^[A-Za-z_]\w*(?!["'\w])/)?.[0];
    return name === undefined ? this.#strings() : this.#named(name);
  }

  #closed(value: PythonValue): PythonValue {
    return this.#take(/^,?\s*\)/) === undefined ? this.#fail() : value;
  }

  #converted(conversion: string, value: PythonValue): PythonValue {
    if (conversion === "bool") return isPath(value) || Boolean(value);
    if (conversion === "Path" && typeof value === "string") return toPath(value);
    if (conversion === "str") return isPath(value) ? value.path : typeof value === "string" ? value : this.#fail();
    if (conversion === "int" && /^-?\d+$/.test(String(value))) return Number(value);
    return this.#fail();
  }

  #named(name: string): PythonValue {
    if (name === "True" || name === "False") return name === "True";
    if (name === "None") return null;
    return this.#names.get(name) ?? this.#fail();
  }

  /** One or more literals that stand side by side are one string. */
  #strings(): string {
    let text = this.#string();
    while (/^\s*f?["']/.test(this.#rest)) text += this.#string();
    return text;
  }

  #string(): string {
    const literal = this.#take(/^(f?)("""([^\\]*?)"""|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)')/);
    if (literal === undefined) return this.#fail();
    const body = unescape(literal[3] ?? literal[4] ?? literal[5] ?? "");
    if (body === undefined) return this.#fail();
    return literal[1] === "" ? body : this.#filledIn(body);
  }

  #filledIn(body: string): string {
    return body.replaceAll(/\{\{|\}\}|\{([^{}]*)\}/g, (whole, name?: string) => {
      if (name === undefined) return whole.charAt(0);
      const value = this.#names.get(name);
      if (typeof value === "string" || typeof value === "number") return String(value);
      return isPath(value) ? value.path : this.#fail();
    });
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    const trimmed = this.#rest.trimStart();
    const match = pattern.exec(trimmed);
    if (match === null) return undefined;
    this.#rest = trimmed.slice(match[0].length);
    return match;
  }

  #fail(): never {
    throw new UnknownPython(this.#rest.trim());
  }
}

function isPath(value: PythonValue | undefined): value is PythonPath {
  return typeof value === "object" && value !== null;
}

/** As pathlib writes it: no doubled slashes, no dots, none at the end. */
function toPath(text: string): PythonPath {
  const names = text.split("/").filter((name) => name !== "" && name !== ".");
  return { path: text.startsWith("/") ? `/${names.join("/")}` : names.join("/") || "." };
}

function strip(text: string, side: string, characters: string): string {
  const kept = [...text].map((character) => !characters.includes(character));
  const start = side === "rstrip" ? 0 : kept.indexOf(true);
  const end = side === "lstrip" ? kept.length : kept.lastIndexOf(true) + 1;
  return start < 0 ? "" : [...text].slice(start, end).join("");
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\\": "\\", '"': '"', "'": "'" };

function unescape(body: string): string | undefined {
  let known = true;
  const text = body.replaceAll(/\\(.)/g, (_, letter: string) => {
    known &&= letter in escapes;
    return escapes[letter] ?? "";
  });
  return known ? text : undefined;
}
