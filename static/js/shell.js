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

  // A form that is on its way is not sent again. Without this, the server makes two presses one.
  const sends = (form, sending) => {
    if (form?.method !== "post") return;
    for (const button of form.elements) {
      if (button.type !== "submit" || (sending && button.disabled)) continue;
      if (sending) button.dataset.sending = "";
      else if (!("sending" in button.dataset)) continue;
      else delete button.dataset.sending;
      button.disabled = sending;
    }
  };

  // Once the browser has taken the fields, the pressed button's own among them; htmx tells for itself.
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) setTimeout(() => sends(event.target, true));
  });
  const formOf = (event) => event.detail?.ctx?.sourceElement?.closest?.("form[hx-post]");
  document.addEventListener("htmx:before:request", (event) => sends(formOf(event), true));
  document.addEventListener("htmx:finally:request", (event) => sends(formOf(event), false));
  // Back may bring the page as it was left.
  addEventListener("pageshow", () => [...document.forms].forEach((form) => sends(form, false)));

  // The list of errors of a form that came back takes the focus, so that it is read out.
  const focusErrors = (root) => root.querySelector?.("[data-takes-focus]")?.focus();
  document.addEventListener("DOMContentLoaded", () => focusErrors(document));
  if (document.readyState !== "loading") focusErrors(document);
})();
