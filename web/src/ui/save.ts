/** Hands the browser a CSV file that was made here. */
export function save(name: string, text: string): void {
  const at = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const a = document.createElement("a");
  a.href = at;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(at), 1000);
}
