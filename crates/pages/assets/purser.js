// Makes the pages quicker; without it everything works by whole pages.

const main = () => document.getElementById("main");

// Forms and links that stay on the counter replace the middle of the page and keep the rest.
async function swap(request, isShown, keepFocus) {
  const focused = document.activeElement?.id || document.activeElement?.name;
  main().setAttribute("aria-busy", "true");
  let response;
  try {
    response = await fetch(request);
  } catch {
    main().removeAttribute("aria-busy");
    return false;
  }
  if (!response.headers.get("content-type")?.startsWith("text/html")) {
    location.reload();
    return true;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const next = page.getElementById("main");
  if (!next || !page.getElementById("strip")) {
    location.assign(response.url);
    return true;
  }
  main().replaceWith(document.adoptNode(next));
  document.title = page.title;
  if (response.redirected || isShown) {
    history.pushState(null, "", response.url);
  }
  const again = keepFocus && focused && (document.getElementById(focused) || document.getElementsByName(focused)[0]);
  (again || next.querySelector("[autofocus]"))?.focus();
  return true;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!form.matches("[data-live-form]")) return;
  event.preventDefault();
  const data = new FormData(form, button);
  if (button?.matches("[data-pay]")) button.disabled = true;
  const isAdding = button?.value === "add";
  const url = new URL(form.action);
  const body = new URLSearchParams(data);
  const request = form.method === "get"
    ? new Request(Object.assign(url, { search: body.toString() }))
    : new Request(url, { method: "post", body });
  swap(request, form.method === "get", !isAdding).then((done) => {
    if (!done) form.submit();
    if (isAdding) document.querySelector("[data-scan-target]")?.focus();
  });
});

window.addEventListener("popstate", () => location.reload());

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

// What changes by itself: the line to the others, the fleet.
for (const place of document.querySelectorAll("[data-live]")) {
  const events = new EventSource(place.dataset.live);
  events.onmessage = (event) => { place.innerHTML = event.data; };
}
