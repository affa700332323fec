/** One cell: what is measured is `text`; `drawn` is the same with colour. */
export interface Cell {
  readonly text: string;
  readonly drawn?: string;
}

/** Columns padded to their widest cell, two spaces apart, no trailing spaces. */
export function drawTable(rows: readonly (readonly Cell[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.text.length);
  }
  return rows.map((row) => drawRow(row, widths)).join("\n");
}

function drawRow(row: readonly Cell[], widths: readonly number[]): string {
  const cells = row.map((cell, column) => {
    const pad = column === row.length - 1 ? 0 : (widths[column] ?? 0) - cell.text.length;
    return (cell.drawn ?? cell.text) + " ".repeat(pad);
  });
  return `  ${cells.join("  ")}`.trimEnd();
}
