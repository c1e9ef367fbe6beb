// Menus that close, dialogs that open, and the focus on what needs attention. Everything works as plain HTML without it.
(() => {
  "use strict";

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except) menu.open = false;
    }
  };

  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest?.("details.menu"));

    const opener = event.target.closest?.("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();

    if (event.target.closest?.("[data-prints]")) window.print();
    event.target.closest?.("[data-closes]")?.closest(".note")?.remove();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement?.closest("details.menu[open]");
    closeMenus();
    if (menu) {
      menu.querySelector("summary").focus();
      event.stopImmediatePropagation(); // one Escape closes one thing
    }
  });

  // A page that comes back as it was left holds what was chosen in it since; its filters say again what its address
  // says. Where the browser loads the page anew, autocomplete="off" keeps it from putting the choice back.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[method=get][autocomplete=off]")) form.reset();
  });

  // The list of errors of a form that came back takes the focus, so that it is read out.
  const focusErrors = (root) => root.querySelector?.("[data-takes-focus]")?.focus();
  document.addEventListener("DOMContentLoaded", () => focusErrors(document));
  if (document.readyState !== "loading") focusErrors(document);
})();
