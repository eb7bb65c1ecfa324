"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const dialog = document.getElementById("drawer");
  const make = (tag, properties = {}, ...inside) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "class") node.className = value;
      else if (name.includes("-") || name === "href" || name === "rel" || name === "dir") node.setAttribute(name, value);
      else node[name] = value;
    }
    node.append(...inside.filter((one) => one !== null));
    return node;
  };
  const number = (n) => n.toLocaleString("en-US");
  const original = (url) => (url ? make("a", { href: url, rel: "noopener noreferrer nofollow", target: "_blank" }, "original page") : null);

  // What stands behind a number.
  const article = (key, pair) => {
    const [outlet, headline, when, url, language, words] = data.articles[key];
    const beside = pair >= 0 ? make("a", { href: `#pair-${pair}` }, "side by side with its source") : null;
    const facts = [outlet, when, language, `${number(words)} words`].filter(Boolean).map((one) => make("bdi", {}, one));
    return make("li", {}, make("div", { class: "h", dir: "auto" }, headline), make("div", { class: "f" }, ...facts, beside, original(url)));
  };
  const listed = (index) => {
    const [title, total, entries, query] = data.lists[index];
    const left = total - entries.length;
    const rest = left > 0
      ? [make("p", { class: "note" }, `${number(left)} more are in the lake. All of them: `, make("code", {}, `wirecopy sql "${query}"`))]
      : [];
    if (document.body.classList.contains("filtered")) rest.unshift(make("p", { class: "note" }, "The filters of the page do not reach this list: it is of all that the report is about."));
    const body = [make("ol", { class: "articles" }, ...entries.map(([key, pair]) => article(key, pair))), ...rest];
    return [`${title}: ${number(total)}`, "list", body];
  };

  // Two texts beside each other. Offsets count code points.
  const pieces = (points, spans, side) => {
    const cuts = new Set([0, points.length]);
    for (const span of spans) for (const at of [span[2 * side], span[2 * side + 1]]) if (at < points.length) cuts.add(at);
    const sorted = [...cuts].sort((a, b) => a - b);
    return sorted.slice(0, -1).map((begin, i) => {
      const of = spans.findIndex((span) => span[2 * side] <= begin && begin < span[2 * side + 1]);
      return [points.slice(begin, sorted[i + 1]).join(""), of];
    });
  };
  const column = (key, spans, side, kind) => {
    const [outlet, headline, when, url] = data.articles[key];
    const [text, left] = data.texts[key] || ["", -1];
    const seen = new Set();
    const nodes = pieces(Array.from(text), spans, side).map(([words, of]) => {
      if (kind === "version") return of >= 0 || !words.trim() ? document.createTextNode(words) : make(side ? "ins" : "del", {}, words);
      if (of < 0) return document.createTextNode(words);
      const first = !seen.has(of);
      seen.add(of);
      return make("mark", { class: `m${of % 8}`, tabIndex: first ? 0 : -1, "data-span": of, "data-side": side },
        first ? make("sup", {}, String(of + 1)) : null, words);
    });
    const hidden = spans.filter((span) => span[2 * side] >= Array.from(text).length).length;
    const notes = [];
    if (left > 0) notes.push(`${number(left)} more characters are in the lake.`);
    if (left > 0 && hidden && kind === "copy") notes.push(`${hidden} passages stand in the part that is left out.`);
    if (left < 0) notes.push("This page keeps no more texts. See the two in wirecopy browse, or in the lake by the macro aligned.");
    return make("div", { class: "side", tabIndex: 0, role: "region", "aria-label": `Text of ${outlet}` },
      make("h3", { dir: "auto" }, headline),
      make("p", { class: "f" }, make("bdi", {}, outlet), " · ", when, url ? " · " : "", original(url)),
      make("div", { class: "text", dir: "auto" }, ...nodes), ...(notes.length ? [make("p", { class: "note" }, notes.join(" "))] : []));
  };
  const paired = (index) => {
    const [a, b, kind, spans] = data.pairs[index];
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "joins");
    svg.setAttribute("aria-hidden", "true");
    const box = make("div", { class: "sides" }, column(a, spans, 0, kind), make("div", {}, svg), column(b, spans, 1, kind));
    const told = kind === "version"
      ? "What went is struck out on the left, what came is underlined on the right."
      : spans.length
        ? `${number(spans.length)} passage${spans.length === 1 ? "" : "s"} of the left text stand${spans.length === 1 ? "s" : ""} in the right one: ${spans.map((one, i) => `${i + 1} (${one[4]}% the same words)`).join(", ")}. Choose a number to find its other end.`
        : "The two share no passage by themselves.";
    if (kind === "copy") joinSides(box, svg);
    return [kind === "version" ? "What was changed" : "Side by side", "pair", [make("p", { class: "note" }, told), box]];
  };

  let back = null;
  const close = () => { if (location.hash.match(/^#(list|pair)-/)) history.pushState(null, "", location.pathname + location.search); show(); };
  const show = () => {
    const [, kind, index] = location.hash.match(/^#(list|pair)-(\d+)$/) || [];
    const known = kind === "list" ? data.lists[index] : kind === "pair" ? data.pairs[index] : null;
    if (!known) {
      if (dialog.open) dialog.close();
      if (back) back.focus();
      back = null;
      return;
    }
    back = back || document.activeElement;
    const [title, name, body] = kind === "list" ? listed(index) : paired(index);
    dialog.className = name;
    const shut = make("button", { type: "button" }, "Close");
    shut.addEventListener("click", close);
    dialog.replaceChildren(make("div", { class: "dialog-head" }, make("h2", { id: "drawer-title" }, title), shut), make("div", { class: "dialog-body" }, ...body));
    if (!dialog.open) dialog.showModal();
    shut.focus();
    dialog.scrollTop = 0;
  };
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });
  addEventListener("hashchange", show);

  // Filters: counts are made anew from the cube, rows and shapes that do not fit go.
  const form = document.getElementById("filters");
  const cube = data.cube;
  const fields = ["from", "to", "outlet", "agency", "language"];
  const value = (name) => form.elements[name].value;
  const named = { outlet: cube.outlets, agency: cube.agencies, language: cube.languages };
  const fits = (name, own) => {
    const wanted = value(name);
    if (wanted === "") return true;
    const at = named[name].indexOf(own);
    if (wanted === "-1") return own === "";
    return named[name][wanted] === data.others ? own !== "" && (at < 0 || named[name][at] === data.others) : named[name][wanted] === own;
  };
  const apply = () => {
    const from = value("from") === "" ? 0 : Number(value("from"));
    const to = value("to") === "" ? cube.buckets.length - 1 : Number(value("to"));
    const sums = { articles: 0, taken: 0, agency: 0, uncredited: 0 };
    for (const [bucket, outlet, agency, language, articles, taken, agencyText, uncredited] of cube.cells) {
      if (bucket < from || bucket > to) continue;
      if ([["outlet", outlet], ["agency", agency], ["language", language]].some(([name, at]) => value(name) !== "" && Number(value(name)) !== at)) continue;
      sums.articles += articles; sums.taken += taken; sums.agency += agencyText; sums.uncredited += uncredited;
    }
    const chosen = fields.some((name) => value(name) !== "");
    for (const node of document.querySelectorAll("[data-sum]")) {
      node.textContent = number(sums[node.dataset.sum]);
    }
    for (const node of document.querySelectorAll("[data-of]")) {
      node.textContent = sums.articles ? `${Math.round((100 * sums[node.dataset.of]) / sums.articles)}% of them` : "";
    }
    const inTime = (node) => node.dataset.t === undefined || (Number(node.dataset.t) >= from && Number(node.dataset.t) <= to);
    for (const group of document.querySelectorAll("[data-rows]")) {
      let shown = 0;
      const rows = group.querySelectorAll("[data-row]");
      for (const row of rows) {
        const keep = inTime(row) && ["outlet", "agency", "language"].every((name) => row.dataset[name] === undefined || fits(name, row.dataset[name]));
        row.hidden = !keep;
        shown += keep;
      }
      const note = document.getElementById(`${group.dataset.rows}-shown`);
      if (note) note.textContent = chosen ? `${shown} of the ${rows.length} rows listed here fit the filter.` : "";
    }
    for (const shape of document.querySelectorAll(".flows [data-a]")) {
      const away = (value("agency") !== "" && shape.dataset.a !== named.agency[value("agency")]) || (value("outlet") !== "" && shape.dataset.o !== named.outlet[value("outlet")]);
      shape.classList.toggle("away", away);
    }
    for (const shape of document.querySelectorAll(".bars [data-b]")) {
      shape.classList.toggle("away", Number(shape.dataset.b) < from || Number(shape.dataset.b) > to);
    }
    document.body.classList.toggle("filtered", chosen);
    form.elements.told.value = chosen ? `${number(sums.articles)} articles fit` : "";
  };
  form.addEventListener("change", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.closest(".filters").hidden = false;
  const fold = form.closest("details");
  if (fold && matchMedia("(min-width: 44.01rem)").matches) fold.open = true;
  apply();
  show();
})();
