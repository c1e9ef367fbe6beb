// A print holds the whole list, not the part of it that the screen has so far. What is missing is fetched while the
// browser waits, since it prints what is there when "beforeprint" is over; afterwards the page is as it was.
//
// [data-whole=id] a[href]                          the address of a page where the element with this id is whole
// nav.pages after a table or a list                its links lead to the pages before and after; .on-paper in it
//                                                  says that a print is a part
(() => {
  "use strict";
  const MOST_ROWS = 1000; // a longer list prints the page that is shown, which says so
  let undo = [];

  const fetched = (url) => {
    const request = new XMLHttpRequest();
    request.open("GET", url, false);
    try {
      request.send();
    } catch {
      return null; // offline: the print says what it leaves out
    }
    return request.status === 200 ? new DOMParser().parseFromString(request.responseText, "text/html") : null;
  };

  const swap = (old, whole) => {
    old.replaceWith(whole);
    undo.push(() => whole.replaceWith(old));
  };

  const wholePart = (more) => {
    const part = more.isConnected && document.getElementById(more.dataset.whole);
    const link = part && more.querySelector("a[href]");
    const whole = link && fetched(link.href)?.getElementById(part.id);
    if (whole) swap(part, whole);
  };

  const LISTS = "nav.pages";
  const rowsBefore = (nav) => {
    const list = nav.previousElementSibling;
    return list?.matches("ol, ul, tbody") ? list : list?.querySelector("tbody, ol, ul");
  };

  // The pages that lie one way from here, the nearest first; null when one of them could not be had.
  const following = (rel, nav, at) => {
    const found = [];
    for (let link = nav.querySelector(`a[rel=${rel}]`); link; ) {
      const next = fetched(link.href)?.querySelectorAll(LISTS)[at];
      if (!next || !rowsBefore(next)?.children.length) return null;
      found.push(rowsBefore(next));
      link = next.querySelector(`a[rel=${rel}]`);
    }
    return found;
  };

  const wholeList = (nav, at) => {
    const words = nav.querySelector("span");
    const total = words?.textContent.match(/ of ([\d,]+)/)?.[1];
    const rows = rowsBefore(nav);
    if (!rows || !total || !nav.querySelector("a[rel]") || Number(total.replaceAll(",", "")) > MOST_ROWS) return;
    const before = following("prev", nav, at);
    const after = before && following("next", nav, at);
    if (!after) return;
    const whole = rows.cloneNode(false);
    for (const part of [...before.reverse(), rows.cloneNode(true), ...after]) whole.append(...part.children);
    swap(rows, whole);
    const said = words.cloneNode(true);
    said.textContent = said.textContent.replace(/^[\d,]+ to [\d,]+/, `1 to ${total}`);
    swap(words, said);
    swap(nav.querySelector(".on-paper"), new Text());
  };

  addEventListener("beforeprint", () => {
    document.querySelectorAll("[data-whole]").forEach(wholePart);
    document.querySelectorAll(LISTS).forEach(wholeList);
  });

  addEventListener("afterprint", () => {
    for (const back of undo.reverse()) back();
    undo = [];
  });

  // A list that arrives in between would be undone with the rest.
  document.addEventListener("htmx:before:request", (event) => undo.length && event.preventDefault());
})();
