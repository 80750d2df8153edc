// Makes the pages quicker; without it everything works by whole pages.

import { forget, forgetPaid, keep, lost } from "./basket.js";
import "./live.js";

const main = () => document.getElementById("main");

// One request at a time: a later one takes the place of an earlier, but of none that pays.
let going;

// Where the focus is, as it can be found again on the next page.
function focused() {
  const { id, name, value, type } = document.activeElement ?? {};
  if (id) return `#${CSS.escape(id)}`;
  const isOneOfMany = ["submit", "checkbox", "radio"].includes(type);
  return name && `[name="${CSS.escape(name)}"]` + (isOneOfMany ? `[value="${CSS.escape(value)}"]` : "");
}

// Forms that stay on the counter replace the middle of the page and keep the rest.
async function swap(request, { isShown, isPaying, keepsFocus }) {
  if (going?.isPaying) return;
  going?.abort.abort();
  const mine = (going = { abort: new AbortController(), isPaying });
  const place = keepsFocus && focused();
  main().setAttribute("aria-busy", "true");
  let response, text;
  try {
    response = await fetch(request, { signal: mine.abort.signal });
    text = await response.text();
  } catch {
    if (mine !== going) return;
    going = undefined;
    main().removeAttribute("aria-busy");
    tellUnreached();
    return;
  }
  if (mine !== going) return;
  going = undefined;
  if (!response.headers.get("content-type")?.startsWith("text/html")) {
    location.reload();
    return;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  const next = page.getElementById("main");
  if (!next || !page.getElementById("strip")) {
    location.assign(response.url);
    return;
  }
  main().replaceWith(document.adoptNode(next));
  document.title = page.title;
  if (response.redirected || isShown) {
    history.pushState(null, "", response.url);
  }
  const again = place && next.querySelector(place);
  const at = again && !again.disabled ? again : next.querySelector("[autofocus]") ?? next.querySelector("[data-scan-target]");
  at?.focus();
  forgetPaid();
  keep();
}

// The page stays as it is: what is sent again is done once.
function tellUnreached() {
  main().querySelector(".unreached")?.remove();
  const told = Object.assign(document.createElement("p"), { className: "trouble unreached", textContent: document.body.dataset.unreached });
  told.role = "alert";
  (document.getElementById("sale") ?? main()).prepend(told);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!form.matches("[data-live-form]")) return;
  event.preventDefault();
  const data = new FormData(form, button);
  const isPaying = button?.matches("[data-pay]");
  // Enter in a field of what pays asks for the price, and stays there.
  const isAdding = button?.value === "add" && !document.activeElement?.closest(".payment");
  const isShown = form.method === "get";
  const url = new URL(form.action);
  const body = new URLSearchParams(data);
  const request = isShown
    ? new Request(Object.assign(url, { search: body.toString() }))
    : new Request(url, { method: "post", body });
  swap(request, { isShown, isPaying, keepsFocus: !isAdding });
});

document.addEventListener("submit", (event) => {
  if (event.target.action.endsWith("/sign-out")) forget();
});

window.addEventListener("popstate", () => location.reload());

document.addEventListener("input", (event) => {
  if (event.target.form?.id === "basket") keep();
});

// Changing what pays is priced at once.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.id === "basket" && event.target.closest(".payment")) {
    form.requestSubmit(form.querySelector("button[value=quote]"));
  }
});

// Keys: F2 finds, F3 adds, F4 tops up and the like, F8 takes back, F9 pays. A scanner is a keyboard: what it types into nothing goes where articles go, and a
// member's card where members are found.
document.addEventListener("keydown", (event) => {
  const at = { F2: "[data-scan]", F3: "[data-scan-target]", F9: "[data-pay]" }[event.key];
  if (at) {
    const target = document.querySelector(at);
    if (!target) return;
    event.preventDefault();
    if (event.key === "F9") target.click();
    else { target.focus(); target.select?.(); }
    return;
  }
  const link = document.querySelector(`a[data-key="${event.key}"]`);
  if (link) {
    event.preventDefault();
    link.click();
    return;
  }
  const isTyping = event.target.matches?.("input, select, textarea, button, a, summary");
  if (!isTyping && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const field = document.querySelector("#member") ? document.querySelector("[data-scan-target]") : document.querySelector("[data-scan]");
    field?.focus();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

forgetPaid();
const request = lost();
if (request) swap(request, {});
