// Opens and closes folders in place and keeps the address in step. Without it the same links load the page anew.
const plain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
const depth = (row) => Number(row.querySelector(".name").style.getPropertyValue("--deep"));

// Paths are kept as the server wrote them, percent-encoded: names need not be UTF-8, and URLSearchParams would lose bytes.
function keepAddress(table) {
  const open = [...table.querySelectorAll('.folder[aria-expanded="true"]')].map((folder) => folder.dataset.at);
  const lowest = open.filter((path) => !open.some((other) => other.startsWith(`${path}/`)));
  const others = location.search.slice(1).split("&").filter((part) => part && !part.startsWith("open="));
  const query = [...others, ...(lowest.length ? lowest : [""]).map((path) => `open=${path}`)].join("&");
  history.replaceState(history.state, "", `${location.pathname}?${query}${location.hash}`);
}

function close(row) {
  const level = depth(row);
  while (row.nextElementSibling && depth(row.nextElementSibling) > level) row.nextElementSibling.remove();
}

function rows(table, link, row, swap, deep) {
  const start = link.dataset.start ? `&start=${link.dataset.start}` : "";
  const address = `${table.dataset.rows}&folder=${link.dataset.at}&deep=${deep}${start}`;
  return window.htmx.ajax("GET", address, { target: row, swap });
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("table[data-rows] a[data-at]");
  if (!link || !window.htmx || !plain(event)) return;
  event.preventDefault();
  const table = link.closest("table");
  const row = link.closest("tr");
  if (row.classList.contains("more")) {
    await rows(table, link, row, "outerHTML", depth(row));
    return;
  }
  const opens = link.getAttribute("aria-expanded") !== "true";
  link.setAttribute("aria-expanded", String(opens));
  if (!opens) close(row);
  keepAddress(table);
  if (!opens) return;
  await rows(table, link, row, "afterend", depth(row) + 1);
  if (link.getAttribute("aria-expanded") === "false") close(row); // closed again before its rows came
});

// As in other trees: the arrow keys walk over rows, right opens, left closes.
document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("table[data-rows] a[data-at]");
  if (!link) return;
  const links = [...link.closest("table").querySelectorAll("a[data-at]")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) links[links.indexOf(link) + step]?.focus();
  else if (event.key === "ArrowRight" && link.getAttribute("aria-expanded") === "false") link.click();
  else if (event.key === "ArrowLeft" && link.getAttribute("aria-expanded") === "true") link.click();
  else return;
  event.preventDefault();
});
