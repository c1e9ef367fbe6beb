// The inbox and triage by single keys. Everything that a key does is a link, a button, a tick box or a fold on the page.
//
// data-key="m" on any of them makes that key its own. In the list, tr.inbox-row holds a.inbox-open and a tick box.
(() => {
  "use strict";

  const links = () => [...document.querySelectorAll(".inbox-row .inbox-open")];
  const here = () => document.activeElement?.closest?.(".inbox-row");

  const step = (by) => {
    const all = links();
    const at = all.indexOf(here()?.querySelector(".inbox-open"));
    const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
    next?.focus({ preventScroll: true });
    next?.closest("tr").scrollIntoView({ block: "nearest" });
  };

  const inList = {
    j: () => step(1),
    k: () => step(-1),
    x: () => here()?.querySelector("input[type=checkbox]")?.click(),
  };

  const anywhere = {
    f: () => document.querySelector("[data-search]")?.focus(),
    "?": () => document.getElementById("keyboard-help")?.showModal(),
  };

  const FIELDS = "input:not([type=hidden]), textarea, select, button";

  const press = (element) => {
    if (!(element instanceof HTMLDetailsElement)) return element.click();
    element.open = true;
    element.scrollIntoView({ block: "nearest" });
    (element.querySelector(`.step-body :is(${FIELDS})`) ?? element.querySelector("summary")).focus();
  };

  const typing = (element) =>
    element?.closest?.("textarea, select, [contenteditable], dialog[open], input:not([type=checkbox])");

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && typing(event.target)) return event.target.blur();
    if (typing(event.target) || document.querySelector("dialog[open]")) return;

    const own = /^[a-z0-9]$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`);
    const act = own ? () => press(own) : (links().length && inList[event.key]) || anywhere[event.key];
    if (!act) return;
    event.preventDefault();
    if (!event.repeat || inList[event.key]) act();
  });
})();
