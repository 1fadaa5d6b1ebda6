// The account's menu closes as menus do: with Escape, which gives the focus back, and when the focus or a click is elsewhere.
const menu = document.querySelector("details.menu");

if (menu) {
  const leave = ({ target }) => {
    if (!menu.contains(target)) menu.open = false;
  };
  document.addEventListener("click", leave);
  document.addEventListener("focusin", leave);
  menu.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
