import { Obstacle } from "./obstacle.ts";
import { evaluatePython, type PythonValue, UnknownPython } from "./python-expression.ts";

/** The constants at the head of a Python program: names in capitals, assigned at the left margin, in their order. */
export function pythonConstants(program: string, ignored: ReadonlySet<string>): Map<string, PythonValue> {
  const constants = new Map<string, PythonValue>();
  for (const [name, source] of assignments(program)) {
    if (!ignored.has(name)) constants.set(name, valueOf(name, source, constants));
  }
  return constants;
}

function* assignments(program: string): Generator<[name: string, source: string]> {
  const start = /^([A-Z][A-Z0-9_]*)[ \t]*(?::[^=\n]+)?=[ \t]*(?!=)/gm;
  for (let match = start.exec(program); match !== null; match = start.exec(program)) {
    const source = expressionAt(program, start.lastIndex);
    start.lastIndex += source.length;
    yield [match[1] ?? "", withoutComments(source)];
  }
}

/** Strings, comments and line ends are what decides where an expression ends; everything else goes by one character. */
const token = /"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*|[\s\S]/g;

function expressionAt(program: string, start: number): string {
  let depth = 0;
  for (const match of program.slice(start).matchAll(token)) {
    if ("([{".includes(match[0])) depth += 1;
    if (")]}".includes(match[0])) depth -= 1;
    if (match[0] === "\n" && depth <= 0) return program.slice(start, start + match.index);
  }
  return program.slice(start);
}

function withoutComments(source: string): string {
  return source.replaceAll(token, (text) => (text.startsWith("#") ? "" : text)).trim();
}

function valueOf(name: string, source: string, earlier: ReadonlyMap<string, PythonValue>): PythonValue {
  try {
    return evaluatePython(source, earlier);
  } catch (error) {
    if (!(error instanceof UnknownPython)) throw error;
    throw new Obstacle(
      `its builder sets ${name} to ${source}, which mkimage cannot read at ${JSON.stringify(error.message)}`,
    );
  }
}
