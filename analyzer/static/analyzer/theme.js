// Light or dark by choice; without one the system decides. The choice is a cookie, so that the server already
// writes it into the page: nothing flashes. Charts listen for "themechange".
const root = document.documentElement;
const button = document.getElementById("theme");
const system = matchMedia("(prefers-color-scheme: dark)");

const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);

const announce = () => {
  button?.setAttribute("aria-pressed", String(isDark()));
  document.dispatchEvent(new CustomEvent("themechange"));
};

if (button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; SameSite=Lax${secure}`;
    announce();
  });
  announce();
}
system.addEventListener("change", announce);
