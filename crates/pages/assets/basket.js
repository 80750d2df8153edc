// The basket outlives what happens to its page: another page, another language, a reload, a session that ends, a machine
// that is started anew. It is kept in this window alone, until it is paid, emptied, or somebody signs out.

const KEPT = "purser-basket";

// What somebody has put together, with what stands typed: no longer once there is nothing of it.
export function keep() {
  const form = document.getElementById("basket");
  if (!form) return;
  const fields = [...new FormData(form)].filter(([name]) => !["form_key", "shown"].includes(name));
  const isAny = fields.some(([name, value]) => name === "line_name" || (name.startsWith("new_") && value));
  if (isAny) sessionStorage.setItem(KEPT, JSON.stringify(fields));
  else forget();
}

export function forget() {
  sessionStorage.removeItem(KEPT);
}

// The request that brings it back, if the page shows an empty counter and something is kept.
export function lost() {
  const form = document.getElementById("basket");
  const fields = kept();
  const isEmpty = form && !form.elements.line_name;
  if (!isEmpty || !fields.length) return undefined;
  const body = new URLSearchParams(fields);
  body.set("form_key", form.elements.form_key.value);
  body.set("do", "keep");
  const member = form.elements.member?.value;
  if (member && member !== body.get("member")) body.set("choose", member);
  return new Request(form.action, { method: "post", body });
}

// What was paid is nobody's basket any more.
export function forgetPaid() {
  const { pathname, searchParams } = new URL(location.href);
  const check = new URLSearchParams(kept()).get("check");
  if (pathname === "/counter/receipt" && check === searchParams.get("check")) forget();
}

function kept() {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
}
