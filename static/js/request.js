// A request that is being typed survives a lost connection, an expired session and a closed page: it is kept in this
// browser, under its user and its token, until the server has stored it. The token makes sending it twice one request.
//
// <form id="request-form" data-user="7" data-about="/requests/deals" data-fresh>   fresh: nothing was typed on the server's side
// <article data-stored="TOKEN" data-user="7">                                      the page of a request that has arrived
(() => {
  "use strict";
  const MOST = 5;
  const DAYS = 30 * 24 * 3600 * 1000;
  const OWN = new Set(["csrf_token", "form_token", "token", "asked", "step", "choose"]); // not what somebody typed
  const PRESET = new Set(["said_on", "said_by", "severity", "said_by_layer", "requester"]);

  const form = () => document.getElementById("request-form");
  const element = (id) => document.getElementById(id);

  // ── Drafts ────────────────────────────────────────────────────────────────────────────────────

  const key = (user) => `requests:${user}`;

  const drafts = (user) => {
    try {
      const kept = JSON.parse(localStorage.getItem(key(user)) ?? "[]");
      return kept.filter((draft) => Date.now() - draft.at < DAYS);
    } catch {
      return []; // storage may be switched off, or hold what somebody else wrote
    }
  };

  const keep = (user, kept) => {
    try {
      if (kept.length) localStorage.setItem(key(user), JSON.stringify(kept.slice(0, MOST)));
      else localStorage.removeItem(key(user));
      return true;
    } catch {
      return false;
    }
  };

  const forget = (user, token) => keep(user, drafts(user).filter((draft) => draft.token !== token));

  const token = () => form().elements.namedItem("token").value;
  const fields = () => [...new FormData(form())].filter(([name]) => !OWN.has(name));
  const isTyped = ([name, value]) => value.trim() !== "" && !PRESET.has(name);

  const save = () => {
    if (!form()) return;
    const user = form().dataset.user;
    const others = drafts(user).filter((draft) => draft.token !== token());
    const typed = fields();
    const worth = typed.some(isTyped);
    const kept = keep(user, worth ? [{ token: token(), at: Date.now(), fields: typed }, ...others] : others);
    if (kept && worth && navigator.onLine) element("kept").textContent = "Kept on this device as you type.";
  };

  // ── Bringing one back ─────────────────────────────────────────────────────────────────────────

  const valueIn = (draft, name) => draft.fields.find(([each]) => each === name)?.[1] ?? "";

  const hidden = (name, value) => {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    return input;
  };

  const restore = () => {
    const user = form().dataset.user;
    const about = form().elements.namedItem("account")?.value ?? "";
    const draft = drafts(user).find((each) => !about || valueIn(each, "account") === about);
    if (!draft) return;
    form().elements.namedItem("token").value = draft.token;
    for (const [name, value] of draft.fields) {
      const control = form().elements.namedItem(name);
      if (control instanceof RadioNodeList) control.value = value;
      else if (control && ["text", "search", "textarea", "date", "select-one"].includes(control.type)) control.value = value;
    }
    const more = form().querySelector(".request-more");
    if ([...new FormData(form())].some((field) => isTyped(field) && more.querySelector(`[name="${field[0]}"]`))) more.open = true;
    restoreSubject(draft);
    restoreProblem(draft);
    element("draft-when").textContent = new Date(draft.at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    element("draft").hidden = false;
  };

  // Until the server has shown them again they go with the form as they were chosen.
  const restoreSubject = (draft) => {
    const chosen = draft.fields.filter(([name]) => ["account", "prospect", "deals"].includes(name));
    if (!chosen.some(([name]) => name !== "deals")) {
      if (valueIn(draft, "company")) element("company")?.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    const about = element("about");
    about.querySelectorAll("[name=account], [name=deals]").forEach((input) => input.remove());
    about.append(...chosen.map(([name, value]) => hidden(name, value)));
    const address = new URLSearchParams([["kept", "1"], ["company", valueIn(draft, "company")], ...chosen]);
    htmx.ajax("GET", `${form().dataset.about}?${address}`, { source: about, target: "#about", swap: "innerHTML" });
  };

  const restoreProblem = (draft) => {
    const problem = valueIn(draft, "problem_id");
    if (problem) element("similar").append(hidden("problem_id", problem));
    element("body").dispatchEvent(new Event("input", { bubbles: true }));
  };

  // ── Typing ────────────────────────────────────────────────────────────────────────────────────

  const ofForm = (event) => Boolean(form()?.contains(event.target));

  document.addEventListener("input", (event) => ofForm(event) && save());
  document.addEventListener("change", (event) => ofForm(event) && save());

  document.addEventListener("click", (event) => {
    if (!ofForm(event) || !event.target.closest("[data-discards]")) return;
    forget(form().dataset.user, token());
    location.reload();
  });

  // Enter in the search takes the first account found; elsewhere it sends, as everywhere.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.id !== "company") return;
    event.preventDefault();
    element("accounts")?.querySelector("button")?.click();
  });

  // Where to go on once it is known whom it is about: its deals while none is ticked, else the words.
  const goOn = () => {
    const deals = [...element("about").querySelectorAll("[name=deals]")];
    const unticked = deals.length && !deals.some((deal) => deal.checked) ? deals[0] : null;
    const next = element("subject") ? unticked ?? element("body") : element("company");
    next?.focus({ preventScroll: Boolean(unticked) });
  };

  // The button that chose is gone once the answer is there.
  let chose = false;

  document.addEventListener("htmx:before:request", (event) => {
    const source = event.detail?.ctx?.sourceElement;
    if (source?.matches?.("#about button")) chose = true;
  });

  // ── Sending ───────────────────────────────────────────────────────────────────────────────────

  const isSending = (event) => form() && event.detail?.ctx?.sourceElement === form();

  document.addEventListener("htmx:before:request", (event) => {
    if (!isSending(event)) return;
    save();
    element("lost").hidden = true;
    element("fault").replaceChildren();
  });

  document.addEventListener("htmx:error", (event) => {
    if (!isSending(event)) return;
    element("lost").hidden = false;
    element("lost").focus();
  });

  document.addEventListener("htmx:after:swap", (event) => {
    if (!form()) return;
    const target = event.detail?.ctx?.target;
    const filled = typeof target === "string" ? target : `#${target?.id}`;
    if (filled === "#about") {
      save();
      if (chose) goOn();
      chose = false;
    } else if (filled === "#request-form") {
      form().querySelector("[data-takes-focus]")?.focus();
    }
  });

  // What looks the same may lie beneath the keyboard of a phone: the bar with the button says that it is there.
  const announce = () => {
    const link = element("look");
    if (!link) return;
    const found = [...element("similar").querySelectorAll("[type=radio]")].filter((each) => each.value);
    link.hidden = !found.length || found.some((each) => each.checked);
    link.textContent = found.length === 1 ? "1 problem looks the same" : `${found.length} problems look the same`;
  };

  document.addEventListener("htmx:after:swap", announce);
  document.addEventListener("change", (event) => ofForm(event) && announce());

  addEventListener("offline", () => {
    if (form()) element("kept").textContent = "You are offline. Go on typing: it is kept on this device.";
  });
  addEventListener("online", () => {
    if (!form()) return;
    element("kept").textContent = "You are online again.";
    element("lost-now").textContent = "You are online again: send it now.";
  });

  // ── Coming to a page ──────────────────────────────────────────────────────────────────────────

  const begin = () => {
    for (const stored of document.querySelectorAll("[data-stored]")) forget(stored.dataset.user, stored.dataset.stored);
    if (form()?.hasAttribute("data-fresh")) restore();
  };
  // After htmx, which listens to the fields from then on.
  if (document.readyState === "complete") begin();
  else document.addEventListener("DOMContentLoaded", begin);
})();
