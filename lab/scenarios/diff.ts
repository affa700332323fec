/** How many lines around a difference are shown. */
const CONTEXT_LINES = 3;

interface DiffLine {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** What must change in `before` to become `after`, as `diff -u` shows it; empty when nothing. */
export function diffText(before: string, after: string): string {
  if (before === after) return "";
  const lines = diffLines(before.split("\n"), after.split("\n"));
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT_LINES), at + CONTEXT_LINES + 1).some(({ mark }) => mark !== " "),
  );
  const out: string[] = [];
  for (const [at, { mark, text }] of lines.entries()) {
    if (near[at] === true) out.push(`${mark}${text}`);
    else if (near[at - 1] === true) out.push("...");
  }
  return out.join("\n");
}

/** By the longest common subsequence; scenarios have hundreds of lines, so a table of them is small. */
function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const here = i * width + j;
      const skip = Math.max(common[here + width] as number, common[here + 1] as number);
      common[here] = before[i] === after[j] ? (common[here + width + 1] as number) + 1 : skip;
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const here = i * width + j;
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ mark: " ", text: before[i] as string });
      i += 1;
      j += 1;
    } else if (
      i < before.length &&
      (j >= after.length || (common[here + width] as number) >= (common[here + 1] as number))
    ) {
      lines.push({ mark: "-", text: before[i] as string });
      i += 1;
    } else {
      lines.push({ mark: "+", text: after[j] as string });
      j += 1;
    }
  }
  return lines;
}
