// A click on a folder of the treemap fetches the map of that folder: Plotly's own zoom knows only the tiles it has.
// Queries are handled as text: they hold paths, which need not be UTF-8.
const parts = (query) => query.replace(/^\?/, "").split("&").filter(Boolean);
const at = (part) => part.startsWith("at=");

// Plotly shrinks a text until it fits its tile. One that nobody could read is cut instead, or left out.
const LEGIBLE = 0.8; // of the size of texts
const FEWEST = 4; // characters of a name that is cut

function cutTiny(plot) {
  for (const text of plot.querySelectorAll(".treemap .slicetext")) {
    const [, x, y, size] = /translate\(([\d.]+),\s*([\d.]+)\)scale\(([\d.]+)\)/.exec(text.getAttribute("transform")) ?? [];
    const scale = Number(size ?? 1);
    const tile = text.closest(".slice")?.querySelector(".surface")?.getBBox();
    if (scale >= LEGIBLE || !tile) continue;
    const { y: top, height } = text.getBBox();
    const [name, figure] = text.querySelector("tspan.line") ? text.querySelectorAll("tspan.line") : [text];
    const room = Math.floor((name.textContent.length * scale) / LEGIBLE) - 1;
    const fits = room >= FEWEST && height * LEGIBLE < tile.height;
    text.style.visibility = fits ? "" : "hidden";
    if (!fits) continue;
    if (figure?.getComputedTextLength() * LEGIBLE > tile.width - 4) figure.textContent = "";
    name.textContent = `${name.textContent.slice(0, room)}…`;
    text.setAttribute("transform", `translate(${x},${y - top * (LEGIBLE - scale)})scale(${LEGIBLE})`);
  }
}

function show(query) {
  const map = document.getElementById("map");
  const now = [...parts(location.search).filter((part) => !at(part)), ...parts(query).filter(at)].join("&");
  history.replaceState(history.state, "", location.pathname + (now ? `?${now}` : ""));
  window.htmx.ajax("GET", map.dataset.figures + query, { target: map, swap: "outerHTML" });
}

function attach() {
  const plot = document.querySelector("#map [data-chart]");
  if (!plot?.on || plot.followed) return;
  plot.followed = true;
  plot.on("plotly_afterplot", () => cutTiny(plot));
  cutTiny(plot);
  plot.on("plotly_treemapclick", ({ points }) => {
    const query = points[0]?.customdata;
    if (query) show(query);
    return false;
  });
}

attach();
document.addEventListener("htmx:afterSettle", attach);
document.addEventListener("click", (event) => {
  const link = event.target.closest("#map a[data-map]");
  if (!link || !window.htmx || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  show(/\?[^#]*/.exec(link.getAttribute("href"))?.[0] ?? "");
});
