// Draws each [data-chart]: the figure stands in the JSON block of that id. Both themes are in it.
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
let printing = false; // on paper, in its width, it is always light
const PAPER = 690; // pixels between the margins of A4
const isDark = () => !printing && (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
const NARROW = 540; // pixels: below, annotations named "wide" are left out
const LETTER = 6.9; // pixels of one, on average
const BOLD = 8;
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
  for (const words of layout.annotations ?? []) if (words.name === "cut") cut(words, layout.annotations, width);
  return { data, layout, config: figure.config };
}

/** Shortens words that would run into those at the other end of their line. */
function cut(words, all, width) {
  const beside = all.find(({ x, y, name }) => x === 1 && y === words.y && name !== "wide")?.text ?? "";
  const [, open, text, close] = words.text.match(/^(<b>)?(.*?)(<\/b>)?$/u);
  const room = Math.floor(width / (open ? BOLD : LETTER)) - beside.replace(/<[^>]*>/g, "").length - 2;
  const letters = text.match(/&[^;\s]+;|./gu) ?? [];
  if (letters.length <= room) return;
  words.text = `${open ?? ""}${letters.slice(0, Math.max(room - 1, 8)).join("").trimEnd()}…${close ?? ""}`;
}

function addressOf({ links, cells }, { customdata, x, y }) {
  if (!cells) return links?.[customdata] ?? customdata;
  return cells.opens[y] || cells.opens[x] || `${cells.pair}${cells.picks[y]}&${cells.picks[x]}`;
}

function draw(element) {
  const source = document.getElementById(element.dataset.chart);
  if (!source || !window.Plotly) return;
  const figure = (element.figure ??= JSON.parse(source.textContent));
  const { data, layout, config } = dressed(figure, printing ? PAPER : element.clientWidth);
  if (printing) layout.width = Math.min(PAPER, element.clientWidth || PAPER);
  window.Plotly.react(element, data, layout, config);
  for (const button of buttonsOf(element)) button.hidden = false;
  if (drawn.has(element)) return;
  drawn.add(element);
  element.on("plotly_click", ({ points }) => {
    const address = points[0] && addressOf(figure, points[0]);
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

const buttonsOf = (element) => document.querySelectorAll(`[data-picture="${CSS.escape(element.dataset.chart)}"]`);

// ---- pictures: the chart as it is shown, on paper and under its title, made here and saved as a file ----
const TITLE = 16; // pixels: the size of its text
const LINE = TITLE * 1.3; // Plotly's distance of lines
const MARGIN = 20;
const LEGIBLE = 8; // texts that would have to be smaller are left out

function lines(text, width) {
  const longest = Math.max(20, Math.floor(width / (TITLE * 0.57)));
  const folded = [""];
  for (const word of text.split(/\s+/)) {
    const line = folded.at(-1);
    if (line && line.length + word.length >= longest) folded.push(word);
    else folded[folded.length - 1] = line ? `${line} ${word}` : word;
  }
  return folded;
}

const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function pictured(element, title) {
  const width = element.clientWidth;
  const { data, layout, config } = dressed(element.figure, width);
  const folded = lines(title, width);
  const head = title ? folded.length * LINE + 4 : 0;
  const { l = 0, r = 0, t = 8, b = 24 } = layout.margin ?? {};
  Object.assign(layout, {
    width: width + 2 * MARGIN,
    height: element.clientHeight + head + 2 * MARGIN,
    margin: { ...layout.margin, l: l + MARGIN, r: r + MARGIN, t: t + head + MARGIN, b: b + MARGIN },
    paper_bgcolor: getComputedStyle(document.body).backgroundColor,
    uniformtext: { minsize: LEGIBLE, mode: "hide", ...layout.uniformtext },
    title: {
      text: plain(folded.join("\n")).replaceAll("\n", "<br>"),
      font: { size: TITLE, weight: 600 },
      ...{ x: 0, xref: "container", xanchor: "left", y: 1, yref: "container", yanchor: "top" },
      pad: { l: MARGIN, t: MARGIN + ((folded.length - 1) * LINE) / 2 }, // Plotly places the middle of several lines
    },
  });
  return { data, layout, config: { ...config, responsive: false } };
}

async function save({ picture, kind, name, title }) {
  const element = document.querySelector(`[data-chart="${CSS.escape(picture)}"]`);
  const figure = pictured(element, title);
  const { width, height } = figure.layout;
  const options = { format: kind, width, height, scale: kind === "png" ? 2 : 1, imageDataOnly: true };
  const image = await window.Plotly.toImage(figure, options);
  const bytes = kind === "png" ? Uint8Array.from(atob(image), (letter) => letter.charCodeAt(0)) : image;
  const type = kind === "png" ? "image/png" : "image/svg+xml";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = `${name}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-picture]");
  if (!button || button.disabled) return;
  button.disabled = true;
  save(button.dataset).finally(() => {
    button.disabled = false;
    button.focus();
  });
});

const drawAll = (part) => part.querySelectorAll("[data-chart]").forEach(draw);

function print(now) {
  if (printing === now) return;
  printing = now;
  for (const element of drawn) {
    if (!element.isConnected) continue;
    draw(element);
    if (!now) window.Plotly.Plots.resize(element);
  }
}

addEventListener("beforeprint", () => print(true));
addEventListener("afterprint", () => print(false));
matchMedia("print").addEventListener("change", ({ matches }) => print(matches));

drawAll(document);
document.addEventListener("themechange", () => drawn.forEach((element) => element.isConnected && draw(element)));
document.addEventListener("htmx:afterSwap", ({ target }) => drawAll(target.parentElement ?? document));
