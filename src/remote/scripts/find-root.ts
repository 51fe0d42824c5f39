/** Says `root`, or the program that makes root of the user: with `-n` neither asks for a password. Source: sudo(8), doas(1). */
export const findRootScript = `[ "$(id -u)" = 0 ] && exec echo root
for way in sudo doas; do
  if command -v "$way" >/dev/null && "$way" -n true 2>/dev/null; then exec echo "$way"; fi
done
echo none
`;
