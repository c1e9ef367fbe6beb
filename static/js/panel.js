// The panel beside a list: takes the focus when it is filled, gives it back when it is closed, and marks its row.
(() => {
  "use strict";
  let opener = null; // a selector where possible: a morph or swap may replace the element itself

  const panel = () => document.getElementById("panel");
  const filled = () => Boolean(panel()?.firstElementChild);

  const remember = (element) => {
    if (!element || panel()?.contains(element)) return;
    const row = element.closest?.("[data-initiative]");
    opener = row?.id ? `#${CSS.escape(row.id)}` : element.id ? `#${CSS.escape(element.id)}` : element;
  };

  const markRow = () => {
    const previewed = panel()?.querySelector("[data-initiative]")?.dataset.initiative;
    for (const row of document.querySelectorAll(".board-row")) {
      row.classList.toggle("is-previewed", row.dataset.initiative === previewed);
    }
  };

  const close = () => {
    if (!filled()) return false;
    const hadFocus = panel().contains(document.activeElement);
    panel().replaceChildren();
    markRow();
    const back = typeof opener === "string" ? document.querySelector(opener) : opener;
    if (hadFocus || document.activeElement === document.body) back?.focus({ preventScroll: false });
    opener = null;
    return true;
  };

  const aimsAtPanel = (event) => {
    const target = event.detail?.ctx?.target;
    return target === "#panel" || (target instanceof Element && target.id === "panel");
  };

  markRow();

  document.addEventListener("htmx:before:request", (event) => {
    if (!aimsAtPanel(event)) return;
    const source = event.detail.ctx.sourceElement;
    remember(source === panel() ? document.activeElement : source);
    panel().classList.add("is-loading");
  });

  document.addEventListener("htmx:finally:request", () => panel()?.classList.remove("is-loading"));

  document.addEventListener("htmx:after:swap", (event) => {
    markRow();
    if (!aimsAtPanel(event) || !filled()) return;
    const wanted = panel().querySelector("[data-takes-focus]") ?? panel().querySelector("[data-panel-heading], h2");
    if (wanted && !wanted.hasAttribute("tabindex")) wanted.tabIndex = -1;
    wanted?.focus({ preventScroll: true });
    // What a refused form lacks is said beside its button, where the eye is; anything else is read from its top.
    const head = panel().querySelector(".preview-head");
    const above = head ? head.getBoundingClientRect().bottom : panel().getBoundingClientRect().top;
    if (wanted?.matches("[data-takes-focus]")) panel().scrollTop += wanted.getBoundingClientRect().top - above - 12;
    else panel().scrollTop = 0;
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(".panel-close") || !panel()?.contains(event.target)) return;
    event.preventDefault();
    close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]") && close()) event.preventDefault();
  });
})();
