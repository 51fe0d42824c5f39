import { quote } from "../../base/quote.ts";
import type { LostContent, ShellFunction } from "../../runtime/shell-parts.ts";

/** Returns the function that looks at a device: at what blkid sees, and at each kind of content that blkid has lost sight of. */
export function lookFunction(lost: readonly LostContent[]): ShellFunction {
  return {
    text: `# Looks at a device: leaves the type of what is on it in $found, nothing where it is empty, and all about it in $described.
look_at() {
  local said key value name='' table='' status=0
  found=''
  said=$(blkid --probe --output export "$1" 2>/dev/null) || status=$?
  while IFS='=' read -r key value; do
    case $key in
      TYPE) found=$value ;;
      PTTYPE) table="$value table" ;;
      LABEL | UUID) name="$name, $key $value" ;;
    esac
  done <<<"$said"
  case $status in
    0 | 2)
      if [ -z "$found$table" ] && ! dd if="$1" of=/dev/null bs=64k count=16 status=none 2>/dev/null; then
        found='something that cannot be read'
${lost.map(branch).join("")}      fi
      ;;
    *)
      found='several things at once'
      for key in $(wipefs --no-act --noheadings --output TYPE "$1"); do name="$name, $key"; done
      ;;
  esac
  described=$found\${found:+\${table:+ and a }}$table\${name:+ (\${name#, })}
  described=\${described//[[:cntrl:]]/?}
  found=\${found:-$table}
}`,
    tools: ["blkid", "dd", "wipefs", ...lost.flatMap(({ found }) => (found.by === "condition" ? found.tools : []))],
    needs: lost.flatMap(({ found }) => (found.by === "uuid" ? ["is_cleared", found.uuidOf] : [])),
  };
}

function branch({ what, found }: LostContent): string {
  const [condition, named] =
    found.by === "condition"
      ? [found.condition, ""]
      : [`! is_cleared "$1" && value=$(${found.uuidOf} "$1")`, `        name=", UUID $value"\n`];
  return `      elif [ -z "$found$table" ] && ${condition}; then\n        found=${quote(what)}\n${named}`;
}
