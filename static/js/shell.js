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

  // "/" searches everything: on the search's own page it goes to the field.
  const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]";
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
    const field = document.getElementById("search-words");
    const link = document.querySelector("[data-searches]");
    if (!field && !link) return;
    event.preventDefault();
    if (field) field.select();
    else location.assign(link.href);
  });

  // ── Where the eye is ──────────────────────────────────────────────────────────────────────────

  const CONTROLS = "input:not([type=hidden]), select, textarea, button, [tabindex]";

  const lookAt = (element) => {
    const control = element?.matches(CONTROLS) ? element : element?.querySelector(CONTROLS);
    control?.focus({ preventScroll: true });
    (control ?? element)?.scrollIntoView({ block: "center" });
  };

  // What is looked at is scrolled to below the messages, however many lines they take.
  const flashes = document.getElementById("flashes");
  const measure = () => document.documentElement.style.setProperty("--flashes", `${flashes.offsetHeight}px`);
  if (flashes) new ResizeObserver(measure).observe(flashes);

  // The list of errors of a form that came back takes the focus, so that it is read out; else what was acted upon.
  const lookAtNews = () => {
    const done = document.querySelector("[data-focuses]");
    if (done) measure();
    lookAt(document.querySelector("[data-takes-focus]") ?? document.getElementById(done?.dataset.focuses));
  };
  document.addEventListener("DOMContentLoaded", lookAtNews);
  // A page that is loaded anew goes back to where it was scrolled, unless it has something to show.
  addEventListener("load", () => document.querySelector("[data-takes-focus], [data-focuses]") && lookAtNews());

  // An error's link leads into its field, also in the panel.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-takes-focus] a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    lookAt(field);
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

  // A page that comes back as it was left holds what was chosen in it since; its filters say again what its address
  // says. Where the browser loads the page anew, autocomplete="off" keeps it from putting the choice back.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[method=get][autocomplete=off]")) form.reset();
  });
})();
