// The stack's scale is a pair of radio buttons that CSS follows; here the choice goes into the address.
// The query is handled as text: it may hold paths that are not UTF-8.
for (const radio of document.querySelectorAll('.stack input[name="scale"]')) {
  radio.addEventListener("change", () => {
    const others = location.search.slice(1).split("&").filter((part) => part && !part.startsWith("scale="));
    if (radio.value !== "root") others.push(`scale=${radio.value}`);
    const query = others.length ? `?${others.join("&")}` : "";
    history.replaceState(history.state, "", `${location.pathname}${query}${location.hash}`);
  });
}
