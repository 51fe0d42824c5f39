import type { Cell, CellKind, Picture, PictureStyle } from "./cell.ts";
import { sharesOf } from "./shares.ts";
import { fitted, textWidth } from "./text-width.ts";

/** A picture as lines of text, each as wide as the style says, but for the title. Pure. */
export function drawPicture({ title, cells }: Picture, style: PictureStyle): string[] {
  return [known(title, style), ...rowsOf(cells, style.width).flatMap((some) => row(some, style.width, style))];
}

const borders = {
  unicode: { top: "┌┬┐", bottom: "└┴┘", across: "─", down: "│", cut: "…" },
  ascii: { top: "+++", bottom: "+++", across: "-", down: "|", cut: "~" },
} as const;

/** Names up to this length are worth more than the scale. */
const readable = 9;

/** Narrower than this, with its border, a cell says nothing. */
const narrowest = 4;

/** One row to scale; or, where there are too many cells for that, rows of as many as can be read. */
function rowsOf(cells: readonly Cell[], width: number): Cell[][] {
  if (cells.length * narrowest < width) return [[...cells]];
  const rows: Cell[][] = [[]];
  let left = width - 1;
  for (const cell of cells) {
    const wanted = Math.min(leastWidth(cell), width - 2) + 1;
    if (wanted > left && rows.at(-1)?.length !== 0) {
      rows.push([]);
      left = width - 1;
    }
    rows.at(-1)?.push(cell);
    left -= wanted;
  }
  return rows;
}

function row(cells: readonly Cell[], width: number, style: PictureStyle): string[] {
  const { top, bottom, down } = borders[style.characters];
  const inner = width - cells.length - 1;
  const widths = sharesOf(
    cells.map((cell) => ({ weight: cell.size, least: leastWidth(cell) })),
    inner,
  );
  const bodies = cells.map((cell, index) => body(cell, widths[index] ?? 0, style));
  const height = Math.max(...bodies.map((lines) => lines.length));
  const lines = Array.from({ length: height }, (_, line) => {
    const parts = bodies.map((one, index) => one[line] ?? " ".repeat(widths[index] ?? 0));
    return `${down}${parts.join(down)}${down}`;
  });
  return [edge(widths, top, style), ...lines, edge(widths, bottom, style)];
}

/** With a blank on either side; what lies inside needs borders of its own. */
function leastWidth({ lines, inside }: Cell): number {
  const text = Math.min(readable, Math.max(...lines.map(textWidth)));
  return 2 + Math.max(text, rowWidth(inside));
}

function rowWidth(cells: readonly Cell[]): number {
  if (cells.length === 0) return 0;
  return cells.reduce((sum, cell) => sum + leastWidth(cell) + 1, 1);
}

function edge(
  widths: readonly number[],
  [left, middle, right]: Iterable<string> & string,
  style: PictureStyle,
): string {
  const { across } = borders[style.characters];
  return `${left}${widths.map((width) => across.repeat(width)).join(middle)}${right}`;
}

function body(cell: Cell, width: number, style: PictureStyle): string[] {
  const room = Math.max(0, width - 2);
  const hasRoom = room >= rowWidth(cell.inside);
  const inside = hasRoom && cell.inside.length > 0 ? row(cell.inside, room, style) : [];
  const texts = [...cell.lines, ...(hasRoom ? [] : cell.inside.flatMap(names))];
  const padded = (line: string) => (width < 2 ? " ".repeat(width) : ` ${line} `);
  return [...texts.map((text) => padded(paint(label(text, room, style), cell.kind, style))), ...inside.map(padded)];
}

/** Where there is no room for boxes, names have to do. */
function names({ lines, inside }: Cell): string[] {
  return [...lines.slice(0, 1), ...inside.flatMap(names)];
}

function label(text: string, width: number, style: PictureStyle): string {
  return fitted(known(text, style), width, borders[style.characters].cut);
}

/** Names may hold what a terminal would obey, or cannot show. */
function known(text: string, { characters }: PictureStyle): string {
  return text.replaceAll(characters === "ascii" ? /[^ -~]/gu : /\p{C}/gu, "?");
}

/** Source: ECMA-48, Select Graphic Rendition. */
const colours: Readonly<Record<CellKind, string>> = {
  boot: "36",
  filesystem: "32",
  swap: "33",
  container: "35",
  free: "2",
  other: "0",
};

function paint(text: string, kind: CellKind, style: PictureStyle): string {
  return style.colours ? `\u001b[${colours[kind]}m${text}\u001b[0m` : text;
}
