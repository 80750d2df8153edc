// What changes by itself: the line to the others, the fleet. Who is not told any more says so.

// A beat comes every two seconds.
const SILENCE_MS = 7000;

function follow(place) {
  let events, silence;
  const say = (words, link) => {
    const line = Object.assign(document.createElement("p"), { className: "line bad lost", role: "status" });
    const dot = Object.assign(document.createElement("span"), { className: "dot" });
    dot.ariaHidden = "true";
    line.append(dot, words);
    if (link) line.append(" ", Object.assign(document.createElement("a"), { href: "/sign-in", textContent: link }));
    // The line as it was is not true any more; a screen full of figures is worth its age.
    if (place.id === "strip") return place.replaceChildren(line);
    place.querySelector(".lost")?.remove();
    place.prepend(line);
  };
  const lost = () => say(document.body.dataset.lost);
  const hear = () => {
    clearTimeout(silence);
    silence = setTimeout(() => { lost(); begin(); }, SILENCE_MS);
  };
  // The stream was refused: whoever is signed out learns it, and nobody else stops asking.
  const refused = async () => {
    const asking = new AbortController();
    try {
      const { status } = await fetch(place.dataset.live, { signal: asking.signal });
      asking.abort();
      if (status === 401) return say(document.body.dataset.ended, document.body.dataset.signIn);
    } catch { /* not reached */ }
    lost();
    if (!document.hidden) setTimeout(begin, 2000);
  };
  function begin() {
    stop();
    events = new EventSource(place.dataset.live);
    events.onmessage = (event) => { place.innerHTML = event.data; hear(); };
    events.addEventListener("beat", hear);
    events.onerror = () => {
      clearTimeout(silence);
      if (events.readyState === EventSource.CLOSED) refused();
      else lost();
    };
  }
  function stop() {
    clearTimeout(silence);
    events?.close();
  }
  begin();
  window.addEventListener("offline", lost);
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => { if (event.persisted) begin(); });
  // A browser keeps few connections to one machine: a window that nobody sees needs none.
  document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); else begin(); });
}

for (const place of document.querySelectorAll("[data-live]")) follow(place);
