// Draws each [data-chart]: the figure stands in the JSON block of that id. Both themes are in it.
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
const NARROW = 540; // pixels: below, annotations named "wide" are left out
const drawn = new Set();

function assign(target, path, value) {
  const keys = path.split(".");
  const last = keys.pop();
  keys.reduce((object, key) => (object[key] ??= {}), target)[last] = value;
}

function dressed(figure, width) {
  const theme = figure.themes[isDark() ? "dark" : "light"];
  const { data, layout } = structuredClone({ data: figure.data, layout: figure.layout });
  theme.traces.forEach((attributes, index) => {
    for (const [path, value] of Object.entries(attributes)) assign(data[index], path, value);
  });
  layout.template = theme.template;
  layout.annotations = layout.annotations?.filter(({ name }) => name !== "wide" || width >= NARROW);
  return { data, layout, config: figure.config };
}

function draw(element) {
  const source = document.getElementById(element.dataset.chart);
  if (!source || !window.Plotly) return;
  const figure = (element.figure ??= JSON.parse(source.textContent));
  const { data, layout, config } = dressed(figure, element.clientWidth);
  window.Plotly.react(element, data, layout, config);
  if (drawn.has(element)) return;
  drawn.add(element);
  element.on("plotly_click", ({ points }) => {
    const key = points[0]?.customdata;
    const address = figure.links?.[key] ?? key;
    if (typeof address === "string" && address.startsWith("/")) location.assign(address);
  });
  let narrow = element.clientWidth < NARROW;
  new ResizeObserver(() => {
    if (element.clientWidth < NARROW !== narrow) {
      narrow = !narrow;
      draw(element);
    }
  }).observe(element);
}

const drawAll = (part) => part.querySelectorAll("[data-chart]").forEach(draw);

drawAll(document);
document.addEventListener("themechange", () => drawn.forEach((element) => element.isConnected && draw(element)));
document.addEventListener("htmx:afterSwap", ({ target }) => drawAll(target.parentElement ?? document));
