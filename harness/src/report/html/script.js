"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const make = (name, text, kind) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (kind) element.className = kind;
    return element;
  };

  // The exchanges are packed; they are unpacked when the first one is to be shown.
  let unpacked;
  const unpack = () => {
    unpacked ??= (async () => {
      const packed = Uint8Array.from(atob(one("#exchanges").textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      return JSON.parse(await new Response(stream).text());
    })();
    return unpacked;
  };

  const formatted = (text) => {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  };

  const body = (sent) => {
    const parts = document.createDocumentFragment();
    const pre = make("pre", formatted(sent));
    parts.append(pre);
    if (pre.textContent !== sent) {
      const button = make("button", "as sent");
      button.type = "button";
      button.addEventListener("click", () => {
        const raw = button.textContent === "as sent";
        pre.textContent = raw ? sent : formatted(sent);
        button.textContent = raw ? "formatted" : "as sent";
      });
      parts.append(button);
    }
    return parts;
  };

  // Folded, unless it shows a finding; what is within is made when it is opened.
  const exchange = (sent, text, shows) => {
    const box = make("details", undefined, shows ? "exchange shows" : "exchange");
    const title = make("summary");
    const answer = sent.status === null ? text(sent.failure) : sent.status;
    title.append(make("b", text(sent.step)), make("small", `${text(sent.method)} → ${answer} in ${sent.ms} ms`));
    if (shows) title.append(make("span", "shows a finding", "badge error"));
    box.append(title);
    const part = (name, headers, content) => {
      const lines = headers.map(([name, value]) => `${text(name)}: ${text(value)}`).join("\n");
      box.append(make("div", name, "note"));
      if (lines) box.append(make("pre", lines, "headers"));
      if (content !== null && text(content)) box.append(body(text(content)));
    };
    const fill = () => {
      box.append(make("code", text(sent.url)));
      part("Request", sent.asked, sent.body);
      if (sent.status !== null) part("Answer", sent.answered, sent.answer);
      if (sent.curl !== null) box.append(make("div", "To repeat it", "note"), make("pre", text(sent.curl)));
    };
    box.addEventListener("toggle", fill, { once: true });
    box.open = shows;
    return box;
  };

  const finding = (found, text) => {
    const row = make("tr");
    const cells = [make("td"), make("td"), make("td", text(found.step))];
    const rule = make("a", text(found.rule));
    rule.href = `#rule-${text(found.rule)}`;
    cells[0].append(make("span", found.severity, `badge ${found.severity}`));
    cells[1].append(rule, make("br"), make("span", text(found.message), "told"));
    row.append(...cells);
    return row;
  };

  const show = async (place) => {
    const list = make("div");
    place.replaceChildren(make("p", "unpacking …", "note"));
    try {
      const { texts, cases } = await unpack();
      const text = (at) => texts[at];
      const { findings, exchanges } = cases[place.dataset.case];
      const shown = place.dataset.shows.split(" ").filter(Boolean).map(Number);
      const table = make("table");
      table.append(...findings.map((found) => finding(found, text)));
      list.append(table, ...exchanges.map((sent, index) => exchange(sent, text, shown.includes(index))));
      if (exchanges.length === 0) list.append(make("p", place.dataset.none, "note"));
    } catch (error) {
      list.append(make("p", `The exchanges cannot be unpacked (${error}); the JSON report holds them.`, "note"));
    }
    place.replaceChildren(list);
  };

  for (const item of all("details.case")) {
    item.addEventListener("toggle", () => {
      const place = item.querySelector("[data-case]");
      if (item.open && place && !place.hasChildNodes()) show(place);
    });
  }

  // A case is found by its name and its rules, a finding by its rule and its cases.
  const words = (text) => text.split(" ").filter(Boolean);
  const rules = words(one("main").dataset.rules);
  const cases = new Map();
  for (const item of all("details.case")) {
    const broken = words(item.dataset.broken).map((at) => rules[at]);
    item.told = [item.dataset.name, ...broken].join(" ").toLowerCase();
    for (const rule of broken) {
      if (!cases.has(rule)) cases.set(rule, []);
      cases.get(rule).push(item.dataset.name);
    }
  }
  for (const item of all("details.finding")) {
    const rule = item.dataset.name;
    item.told = [rule, ...(cases.get(rule) ?? [])].join(" ").toLowerCase();
  }

  // What is looked for decides what is shown, of the findings as of the cases.
  const filter = () => {
    const verdicts = all("input[name=verdict]:checked").map((box) => box.value);
    const client = one("#client").value;
    const rule = one("#rule").value.trim().toLowerCase();
    let shown = 0;
    for (const item of all("[data-verdicts]")) {
      const fits =
        words(item.dataset.verdicts).some((verdict) => verdicts.includes(verdict)) &&
        (client === "" || words(item.dataset.clients).includes(client)) &&
        (rule === "" || item.told.includes(rule));
      item.hidden = !fits;
      if (fits && item.classList.contains("case")) shown += 1;
    }
    one("#shown").textContent = `${shown} of ${all("details.case").length} cases`;
  };
  one(".filter").addEventListener("input", filter);
  one(".filter").addEventListener("submit", (event) => event.preventDefault());
  one("#everything").addEventListener("click", () => {
    all("input[name=verdict]").forEach((box) => (box.checked = true));
    one("#client").value = "";
    one("#rule").value = "";
    filter();
  });
  filter();

  // What somebody typed behind the `#` need not be an encoded text.
  const decoded = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  const reveal = () => {
    const target = document.getElementById(decoded(location.hash.slice(1)));
    if (!target) return;
    if (target.hidden) one("#everything").click();
    for (let place = target; place; place = place.parentElement) {
      if (place instanceof HTMLDetailsElement) place.open = true;
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
  addEventListener("beforeprint", () => all("details.finding").forEach((item) => (item.open = true)));
})();
