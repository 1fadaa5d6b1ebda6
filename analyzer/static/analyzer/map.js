// A click on a folder of the treemap fetches the map of that folder: Plotly's own zoom knows only the tiles it has.
// Queries are handled as text: they hold paths, which need not be UTF-8.
const parts = (query) => query.replace(/^\?/, "").split("&").filter(Boolean);
const at = (part) => part.startsWith("at=");

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
