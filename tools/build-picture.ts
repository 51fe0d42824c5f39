import { readFileSync, writeFileSync } from "node:fs";

// Draws what a terminal showed as an SVG: `node tools/build-picture.ts docs/build.svg < text`. Lines that begin with $ are commands.

const [target = "picture.svg"] = process.argv.slice(2);
const lines = readFileSync(0, "utf8").trimEnd().split("\n");
const [advance, leading, margin] = [8.4, 20, 18];
const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * advance + 2 * margin);
const height = lines.length * leading + 2 * margin + 14;

const texts = lines.map((line, index) => {
  const colour = line.startsWith("$") ? "#8bd49c" : line.startsWith("note:") ? "#d9b36c" : "#d7dce2";
  return `<text x="${margin}" y="${margin + 28 + index * leading}" fill="${colour}" xml:space="preserve">${escape(line)}</text>`;
});

writeFileSync(
  target,
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" rx="8" fill="#1d2228"/>
${["#e0635c", "#d9b36c", "#7fb56b"].map((colour, index) => `<circle cx="${margin + 4 + index * 16}" cy="15" r="5" fill="${colour}"/>`).join("")}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">
${texts.join("\n")}
</g>
</svg>
`,
);

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
