// Adds up a sheet while it is filled in. Without it the button "Count up" does the same on the server.
const language = document.documentElement.lang || "en";

function amount(text) {
  let said = text.replace(/[\s\u00a0\u202f]/g, "");
  if (/^-?\d{1,3}(\.\d{3})+,\d+$|^-?\d{1,3}(\.\d{3}){2,}$/.test(said)) said = said.replaceAll(".", "").replace(",", ".");
  else if (/^-?\d{1,3}(,\d{3})+\.\d+$/.test(said)) said = said.replaceAll(",", "");
  else if (said.split(",").length === 2 && !said.includes(".")) said = said.replace(",", ".");
  return /^-?\d+(\.\d+)?$/.test(said) ? Number(said) : 0;
}

function sum(inputs, kind) {
  return inputs.filter((input) => input.dataset.kind === kind).reduce((total, input) => total + amount(input.value), 0);
}

function written(number, digits) {
  return number.toLocaleString(language, { maximumFractionDigits: digits });
}

function told(sheet, inputs) {
  if (!("shares" in sheet.dataset)) {
    const total = written(sum(inputs, "v"), 12);
    return "percent" in sheet.dataset ? `${total}%` : total;
  }
  const some = sum(inputs, "n");
  const all = sum(inputs, "d");
  return all ? `${written((100 * some) / all, 1)}% (${written(some, 12)} / ${written(all, 12)})` : "–";
}

function add(sheet) {
  const inputs = [...sheet.querySelectorAll("input[data-kind]")];
  const parts = inputs.filter((input) => !("whole" in input.dataset));
  for (const place of sheet.querySelectorAll("[data-sum]")) {
    const [what, number] = place.dataset.sum.split(":");
    const of = {
      row: () => inputs.filter((input) => input.dataset.row === number),
      column: () => parts.filter((input) => input.dataset.column === number),
      all: () => parts,
    }[what]();
    const said = told(sheet, of);
    if (place.textContent !== said) place.textContent = said;
  }
}

for (const sheet of document.querySelectorAll("[data-sheet]")) {
  sheet.addEventListener("input", () => add(sheet));
}
