import test from "ava";
import { installCommandIn } from "../../src/bootloaders/install-command.ts";
import { shellWords } from "../../src/bootloaders/shell-words.ts";

const path = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-install-grub.sh";

const programs: readonly (readonly [form: string, program: string, command: string | undefined])[] = [
  ["a shell wrapper", `#!/bin/sh -e\nexport OUT='/x'\nexport INSTALL_BOOTLOADER='${path}'\nexec y\n`, path],
  ["a shell wrapper with words", `export INSTALL_BOOTLOADER='${path} -g 0 -c'\n`, `${path} -g 0 -c`],
  ["a quoted quote", `export INSTALL_BOOTLOADER='echo '\\''none'\\''; true'\n`, "echo 'none'; true"],
  ["a binary wrapper", `\x7fELF\x02\0\0OUT=/x\0INSTALL_BOOTLOADER=${path}\0PATH=/y\0`, path],
  ["the program inside a wrapper", "\x7fELF\x02\0INSTALL_BOOTLOADER\0", undefined],
  [
    "Perl with a here-document",
    `chomp(my $x = <<'EOFBOOTLOADER');\n${path}\nEOFBOOTLOADER\nsystem("$x $toplevel");\n`,
    path,
  ],
  ["Perl with a call", `    system("${path} $out") == 0 or exit 1;\n`, path],
  ["a variable that is computed", 'export INSTALL_BOOTLOADER="$(which x)"\n', undefined],
  ["another program", "#!/bin/sh\nexit 0\n", undefined],
];

for (const [form, program, command] of programs) {
  test(`INSTALL_BOOTLOADER in ${form}`, (t) => t.is(installCommandIn(Buffer.from(program, "latin1")), command));
}

const lines: readonly (readonly [line: string, words: string[] | undefined])[] = [
  ["", []],
  ["  # a comment", []],
  [`install -Dp "/a b" "/boot/"'x y'`, ["install", "-Dp", "/a b", "/boot/x y"]],
  [String.raw`a\ b "c\"d" # e`, ["a b", 'c"d']],
  ["run $known", ["run", "value"]],
  ['run "${known}"', ["run", "value"]],
  ["run $unknown", undefined],
  ["run '$unknown'", ["run", "$unknown"]],
  ["a | b", undefined],
  ["a; b", undefined],
  ["a > b", undefined],
  ["a $(b)", undefined],
  ["a `b`", undefined],
  ["a *", undefined],
  ["a 'b", undefined],
];

for (const [line, words] of lines) {
  test(`the words of ${JSON.stringify(line)}`, (t) => t.deepEqual(shellWords(line, { known: "value" }), words));
}
