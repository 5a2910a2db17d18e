"use strict";
// The pages work without this: it shows what has changed, and times of the browser's own zone.
(() => {
  const localTimes = (root) => {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const local = new Date(time.dateTime);
      if (!time.dataset.local && !Number.isNaN(local.getTime())) {
        time.dataset.local = "yes";
        time.title += " · here " + local.toLocaleString();
      }
    }
  };

  const focused = (part) => part.contains(document.activeElement) ? document.activeElement : null;

  // A link or button that had the focus has it again: keyboards lose no place.
  const replace = (part, fresh) => {
    const had = focused(part);
    const all = [...part.querySelectorAll("a,button,input,select")];
    const at = had ? all.indexOf(had) : -1;
    part.replaceChildren(...document.importNode(fresh, true).childNodes);
    localTimes(part);
    if (at >= 0) {
      const now = part.querySelectorAll("a,button,input,select")[at];
      if (now) {
        now.focus({ preventScroll: true });
      }
    }
  };

  const live = () => [...document.querySelectorAll("[data-live][id]")];
  let failures = 0;

  const refresh = async () => {
    const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of live()) {
      const other = fresh.getElementById(part.id);
      if (other && other.innerHTML !== part.dataset.was) {
        part.dataset.was = other.innerHTML;
        replace(part, other);
      }
    }
  };

  const note = (text) => {
    let place = document.getElementById("lost");
    if (!text) {
      if (place) {
        place.remove();
      }
      return;
    }
    if (!place) {
      place = document.createElement("p");
      place.id = "lost";
      place.className = "lost";
      place.setAttribute("role", "status");
      document.body.append(place);
    }
    if (place.textContent !== text) {
      place.textContent = text;
    }
  };

  const round = async () => {
    if (document.visibilityState === "visible") {
      try {
        await refresh();
        failures = 0;
        note("");
      } catch (e) {
        failures++;
        if (failures > 1) {
          note("What is shown is old: the console does not answer as it should.");
        }
      }
    }
    again(0);
  };

  const again = (first) => {
    const parts = live();
    if (parts.length > 0) {
      // What a page shows first may be what was known a while ago.
      const seconds = first ||  Math.min(...parts.map((part) => Number(part.dataset.live) || 5));
      setTimeout(round, 1000 * Math.min(60, seconds * (failures + 1)));
    }
  };

  document.addEventListener("keydown", (event) => {
    const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const field = document.querySelector("[data-key='/']");
      if (field) {
        event.preventDefault();
        field.focus();
        field.select();
      }
    }
  });

  localTimes(document);
  again(1);
})();
