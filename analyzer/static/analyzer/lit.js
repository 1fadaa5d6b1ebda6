// Pointing at a layer, or focusing it, lights it wherever it shows: elements with the same data-layer belong together.
let lit = "";

function light(key) {
  if (key === lit) return;
  lit = key;
  for (const element of document.querySelectorAll("[data-layer]")) {
    element.classList.toggle("lit", key !== "" && element.dataset.layer === key);
  }
}

const keyOf = ({ target }) => target.closest?.("[data-layer]")?.dataset.layer ?? "";

document.addEventListener("pointerover", (event) => light(keyOf(event)));
document.addEventListener("focusin", (event) => light(keyOf(event)));
document.documentElement.addEventListener("pointerleave", () => light(""));
