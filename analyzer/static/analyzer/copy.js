// Every [data-copy] button puts its text on the clipboard, and says so.
// Over plain HTTP there is no clipboard API: there a selection and the old command do it.
const status = document.getElementById("status");

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  await copy(button.dataset.copy);
  button.focus();
  button.dataset.done = "";
  if (status) status.textContent = "Copied";
  setTimeout(() => {
    delete button.dataset.done;
    if (status) status.textContent = "";
  }, 1200);
});
