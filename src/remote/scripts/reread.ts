/** Makes a machine's kernel read a device's partitions anew, and says whether it shows any. Its arguments are path and name. */
export const rereadScript = `export LC_ALL=C
{ partx --update "$1" || blockdev --rereadpt "$1"; } >/dev/null 2>&1
{ udevadm settle --timeout 10 || true; } 2>/dev/null
for path in "/sys/class/block/$2/$2"*/partition; do
  if [ -e "$path" ]; then echo yes; exit 0; fi
done
echo no
`;
