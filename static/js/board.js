// Moving rows by mouse, touch and keyboard. Every way ends in the preview; only its form commits.
//
// <ol id="board-rows" data-preview-url data-first data-last> holds <li class="board-row" data-initiative data-rank>. The ranks are
// the real ones: a filtered list has gaps, and a drop takes the rank of the row that it lands on. So do the arrows of a
// row, whose links the server wrote for this list; top and bottom are data-first and data-last, those of this list.
(() => {
  "use strict";
  let dragging = false;

  const list = () => document.getElementById("board-rows");
  const rows = () => [...(list()?.querySelectorAll(".board-row") ?? [])];

  const preview = (row, to) => {
    const url = new URL(list().dataset.previewUrl, location.href);
    url.searchParams.set("initiative", row.dataset.initiative);
    if (to !== undefined) url.searchParams.set("to", to);
    showInPanel(row, url);
  };

  const showInPanel = (row, url) => {
    // The panel is the source, so that its hx-sync lets the latest wish win; focus tells panel.js where to return to.
    row.focus({ preventScroll: true });
    htmx.ajax("GET", url.pathname + url.search, { source: "#panel", target: "#panel", swap: "innerHTML" });
  };

  // ── Drag ──────────────────────────────────────────────────────────────────────────────────────

  const makeSortable = () => {
    if (!list() || typeof Sortable === "undefined" || Sortable.get(list())) return;
    let order = [];
    let next = null;
    Sortable.create(list(), {
      draggable: ".board-row",
      handle: ".row-handle",
      animation: 120,
      onStart: (event) => {
        hold();
        order = rows().filter((row) => !row.classList.contains("sortable-fallback"));
        next = event.item.nextElementSibling;
      },
      onUpdate: (event) => {
        const landed = order[event.newDraggableIndex];
        // Back to where it was: the order on the page stays the order that was decided.
        list().insertBefore(event.item, next);
        if (landed && landed !== event.item) preview(event.item, landed.dataset.rank);
      },
      onEnd: release,
      onUnchoose: release,
    });
  };

  // A swap in the middle of a drag would take the row from under the hand. Polls wait; one that is already on its
  // way is given up before its answer counts as seen, so that the next one brings the same news.
  const polls = (element) => /\bevery\b/.test(element?.getAttribute?.("hx-trigger") ?? "");

  const hold = () => {
    dragging = true;
    for (const element of document.querySelectorAll('[hx-trigger*="every"]')) htmx.trigger(element, "htmx:abort");
  };

  const release = () => {
    dragging = false;
  };

  document.addEventListener("htmx:before:request", (event) => {
    if (dragging && polls(event.detail?.ctx?.sourceElement)) event.preventDefault();
  });

  // A row's arrows are plain links to the preview's page; here they open it in the panel.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".row-actions a[href]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    showInPanel(link.closest(".board-row"), new URL(link.href));
  });

  // ── Keyboard ──────────────────────────────────────────────────────────────────────────────────

  let current = null; // id of the row that Tab comes back to

  const rove = () => {
    const all = rows();
    const row = all.find((one) => one.id === current) ?? all[0];
    for (const one of all) one.tabIndex = one === row ? 0 : -1;
  };

  const focusRow = (row) => {
    if (!row) return;
    current = row.id;
    rove();
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };

  const focused = () => document.activeElement?.closest?.(".board-row");
  const remembered = () => rows().find((row) => row.id === current);

  const step = (by) => {
    const all = rows();
    const at = all.indexOf(focused() ?? remembered());
    focusRow(at < 0 ? all[0] : all[Math.min(Math.max(at + by, 0), all.length - 1)]);
  };

  const follow = (row, selector) => row.querySelector(`${selector}:not([aria-disabled="true"])`)?.click();

  const onRow = {
    t: (row) => preview(row, list().dataset.first),
    b: (row) => preview(row, list().dataset.last),
    "[": (row) => follow(row, ".row-up"),
    "]": (row) => follow(row, ".row-down"),
    p: (row) => (row.querySelector(".row-move") ? follow(row, ".row-move") : preview(row)),
  };

  const anywhere = {
    j: () => step(1),
    k: () => step(-1),
    "?": () => document.getElementById("keyboard-help")?.showModal(),
  };

  const typing = (element) => element?.closest?.("input, textarea, select, [contenteditable], dialog[open]");

  document.addEventListener("keydown", (event) => {
    if (!list() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;

    if (event.key === "Enter" && event.target.classList?.contains("board-row")) {
      follow(event.target, ".row-open");
    } else if (anywhere[event.key]) {
      event.preventDefault();
      anywhere[event.key]();
    } else if (onRow[event.key]) {
      const row = focused() ?? (document.getElementById("panel")?.contains(event.target) ? remembered() : null);
      if (!row) return;
      event.preventDefault();
      onRow[event.key](row);
    }
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.(".board-row");
    if (row && row.id !== current) {
      current = row.id;
      rove();
    }
  });

  // ── What moved since the viewer last looked ───────────────────────────────────────────────────

  let ranks = new Map();

  const ranksNow = () => new Map(rows().map((row) => [row.id, Number(row.dataset.rank)]));

  // A move shifts everything between its ends by one; only what went further is worth a look.
  const markMoved = () => {
    const shifts = rows().map((row) => [row, Math.abs(Number(row.dataset.rank) - (ranks.get(row.id) ?? 0))]);
    const furthest = Math.max(0, ...shifts.map(([row, shift]) => (ranks.has(row.id) ? shift : 0)));
    for (const [row, shift] of shifts) {
      const moved = ranks.has(row.id) ? shift > 0 && (shift > 1 || furthest === 1) : ranks.size > 0;
      if (moved) row.classList.add("row-moved");
    }
  };

  document.addEventListener("htmx:before:swap", () => {
    ranks = ranksNow();
  });

  const prepare = () => {
    makeSortable();
    rove();
  };

  document.addEventListener("htmx:after:swap", (event) => {
    const polled = event.detail?.ctx?.sourceElement?.id === "board-poll";
    if (polled && list()) markMoved();
    prepare();
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", prepare);
  else prepare();
})();
