// All that a page does beside being read: light and dark, copying, searching, and showing where one is. Without it nothing is missing
// that is needed to read.
(() => {
  "use strict";
  const root = document.documentElement;
  const stored = {
    get() { try { return localStorage.getItem("theme"); } catch { return null; } },
    set(value) { try { localStorage.setItem("theme", value); } catch { /* then it is for this page only */ } },
  };
  if (stored.get()) root.dataset.theme = stored.get();

  function theme() {
    const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "theme";
    const show = () => {
      button.textContent = dark() ? "☀" : "☾";
      button.setAttribute("aria-label", dark() ? "Show it light" : "Show it dark");
    };
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      stored.set(root.dataset.theme);
      show();
    });
    show();
    document.querySelector(".top .menu").before(button);
  }

  // Of a block with prompts only what is typed.
  function text(block) {
    if (!("console" in block.dataset)) return block.querySelector("code").textContent;
    return [...block.querySelectorAll(".typed")].map((typed) => typed.textContent + "\n").join("");
  }

  function copies() {
    if (!navigator.clipboard) return;
    for (const block of document.querySelectorAll(".code")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text(block));
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
      block.append(button);
    }
  }

  function whereOneIs() {
    const links = new Map([...document.querySelectorAll(".outline a")].map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
    if (!links.size || !window.IntersectionObserver) return;
    const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
    const mark = () => {
      const above = headings.filter((heading) => heading.getBoundingClientRect().top < 120);
      const here = links.get((above.at(-1) ?? headings[0]).id);
      for (const link of links.values()) link.classList.toggle("here", link === here);
    };
    addEventListener("scroll", mark, { passive: true });
    mark();
  }

  function search() {
    const form = document.querySelector('form[role="search"]');
    const input = form.querySelector("input");
    const found = form.querySelector("#found");
    const base = root.dataset.root;
    let at = -1;
    form.hidden = false;

    const load = () => window.searchIndex || document.querySelector("script[data-index]") ? null : (() => {
      const script = document.createElement("script");
      script.src = base + "search.js";
      script.dataset.index = "";
      script.addEventListener("load", look);
      document.head.append(script);
    })();

    // All words have to be there; those in titles weigh more, and so do words that stand side by side. Why something was decided is asked for less often.
    function score([where, page, title, body], words) {
      const together = words.length > 1 && (title + " " + body).toLowerCase().includes(words.join(" "));
      let sum = together ? 8 : 0;
      for (const word of words) {
        const inTitle = title.toLowerCase().includes(word), inPage = page.toLowerCase().includes(word);
        const inBody = body.toLowerCase().includes(word);
        if (!inTitle && !inPage && !inBody) return 0;
        sum += (inTitle ? 10 : 0) + (inPage ? 4 : 0) + (inBody ? 1 : 0);
      }
      return where.startsWith("decisions/") ? sum / 3 : sum;
    }

    function excerpt(body, words) {
      const first = Math.max(0, body.toLowerCase().indexOf(words.find((word) => body.toLowerCase().includes(word)) ?? "") - 50);
      const part = document.createElement("small");
      const shown = (first ? "… " : "") + body.slice(first, first + 150);
      const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "gi");
      let end = 0;
      for (const match of shown.matchAll(pattern)) {
        part.append(shown.slice(end, match.index));
        part.append(Object.assign(document.createElement("mark"), { textContent: match[0] }));
        end = match.index + match[0].length;
      }
      part.append(shown.slice(end));
      return part;
    }

    function look() {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const best = !words.length || !window.searchIndex ? [] : window.searchIndex
        .map((entry) => [score(entry, words), entry]).filter(([sum]) => sum).sort((a, b) => b[0] - a[0]).slice(0, 12);
      found.replaceChildren(...best.map(([, [where, page, title, body]], number) => {
        const line = Object.assign(document.createElement("li"), { id: "found-" + number, role: "option" });
        const link = Object.assign(document.createElement("a"), { href: base + where, tabIndex: -1 });
        link.append(Object.assign(document.createElement("b"), { textContent: title === page ? title : page + " › " + title }), excerpt(body, words));
        line.append(link);
        return line;
      }));
      if (words.length && window.searchIndex && !best.length) {
        found.append(Object.assign(document.createElement("li"), { className: "none", textContent: "Nothing has all of these words." }));
      }
      found.hidden = !words.length;
      input.setAttribute("aria-expanded", String(!found.hidden));
      choose(best.length ? 0 : -1);
    }

    function choose(number) {
      at = number;
      const lines = [...found.querySelectorAll('[role="option"]')];
      lines.forEach((line, n) => line.setAttribute("aria-selected", String(n === at)));
      if (at >= 0) { input.setAttribute("aria-activedescendant", "found-" + at); lines[at].scrollIntoView({ block: "nearest" }); }
      else input.removeAttribute("aria-activedescendant");
    }

    input.addEventListener("focus", load);
    input.addEventListener("input", () => { load(); look(); });
    input.addEventListener("keydown", (event) => {
      const many = found.querySelectorAll('[role="option"]').length;
      if (event.key === "ArrowDown" && many) choose((at + 1) % many);
      else if (event.key === "ArrowUp" && many) choose((at - 1 + many) % many);
      else if (event.key === "Escape") { input.value = ""; look(); }
      else return;
      event.preventDefault();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      found.querySelectorAll("a")[Math.max(at, 0)]?.click();
    });
    found.addEventListener("click", () => { found.hidden = true; });
    document.addEventListener("click", (event) => { if (!form.contains(event.target)) found.hidden = true; });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); input.focus(); }
    });
  }

  theme();
  copies();
  whereOneIs();
  search();
})();
