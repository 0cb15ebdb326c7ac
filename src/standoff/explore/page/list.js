// The list of documents: search, a filter by label, page by page.
"use strict";
(() => {
  const { h } = standoff;
  const PAGE = 25;
  let results = null; // numbers of the documents that were found last; null: all
  let last = "#/";

  const total = () => standoff.corpus.statistics.documents;
  const amount = () => (results ? results.length : total());
  standoff.backTo = () => last;

  // The document before or after one, among those that were found last.
  standoff.neighbor = (number, by) => {
    const place = results ? results.indexOf(number) : number;
    if (results && place < 0) return standoff.inAll(number, by);
    const next = place + by;
    return next < 0 || next >= amount() ? null : { number: results ? results[next] : next };
  };
  standoff.inAll = (number, by) => (number + by < 0 || number + by >= total() ? null : { number: number + by });
  standoff.placeOf = number => {
    const place = results ? results.indexOf(number) : -1;
    return place < 0 ? `${(number + 1).toLocaleString("en")} of ${total().toLocaleString("en")}` : `${(place + 1).toLocaleString("en")} of ${results.length.toLocaleString("en")} found`;
  };
  standoff.turn = async (number, by) => {
    const next = standoff.neighbor(number, by);
    if (!next) return;
    const parameters = standoff.route().parameters;
    standoff.go(`#/d/${encodeURIComponent((await standoff.row(next.number))[0])}`, parameters);
  };

  function marked(text, words) {
    const parts = [];
    let at = 0;
    for (const [start, end] of words.length ? standoff.hits(text, words) : []) {
      parts.push(text.slice(at, start), h("mark", {}, text.slice(start, end)));
      at = end;
    }
    return [...parts, text.slice(at)];
  }

  // Where the first word was found in a text, with what stands around it.
  function around(text, words) {
    const hit = standoff.hits(text, words)[0];
    if (!hit) return null;
    const start = Math.max(0, text.lastIndexOf(" ", Math.max(0, hit[0] - 60)) + 1), end = text.indexOf(" ", hit[1] + 110);
    return `${start ? "… " : ""}${text.slice(start, end < 0 ? undefined : end).replace(/\s+/gu, " ")}${end < 0 ? "" : " …"}`;
  }

  async function entry(number, words) {
    const [id, title, snippet, date, characters, counts] = await standoff.row(number);
    const found = words.length ? around((await standoff.document(id)).text, words) : null;
    const start = snippet + (snippet.length >= 180 ? "…" : "");
    return h("li", {}, h("a", { class: "entry", href: `#/d/${encodeURIComponent(id)}`, "data-number": number },
      h("span", { class: title ? "title" : "title untitled", dir: "auto" }, marked(title || found || start, words)),
      title ? h("span", { class: "snippet", dir: "auto" }, marked(found || start, words)) : null,
      h("span", { class: "facts" }, h("span", { class: "id" }, id), date ? h("span", {}, date) : null, h("span", {}, standoff.count(characters, "character")),
        counts.map((n, i) => n === null ? null : h("span", { class: "dot", style: { "--c": standoff.color(standoff.layers[i].color) } }, `${n} ${standoff.layers[i].name}`)))));
  }

  standoff.listPage = async parameters => {
    const { corpus } = standoff, { statistics } = corpus;
    const query = parameters.get("q") || "", label = parameters.get("label") || "";
    last = standoff.address("#/", parameters);
    results = await standoff.search(query, label);
    const pages = Math.max(1, Math.ceil(amount() / PAGE)), page = Math.min(pages, Math.max(1, Number(parameters.get("page")) || 1));
    const from = (page - 1) * PAGE, numbers = Array.from({ length: Math.max(0, Math.min(PAGE, amount() - from)) }, (_, i) => (results ? results[from + i] : from + i));
    const words = standoff.words(query);
    const rows = await Promise.all(numbers.map(number => entry(number, words)));
    const known = new Set(corpus.labels), others = corpus.labels.filter(name => !standoff.labels.has(name));
    const option = name => h("option", { value: name, selected: name === label }, name);
    const at = change => {
      const next = new URLSearchParams(parameters);
      for (const [name, value] of Object.entries(change)) value ? next.set(name, value) : next.delete(name);
      return next;
    };
    const search = h("input", { type: "search", id: "search", value: query, placeholder: "Search titles and texts", "aria-label": "Search titles and texts", autocomplete: "off", spellcheck: "false" });
    const filter = h("select", { id: "label", "aria-label": "Only with this label" }, h("option", { value: "" }, "any label"),
      standoff.layers.filter(layer => layer.labels.some(one => known.has(one.name))).map(layer =>
        h("optgroup", { label: layer.name }, layer.labels.filter(one => known.has(one.name)).map(one => option(one.name)))),
      others.length ? h("optgroup", { label: standoff.layerName("") }, others.map(option)) : null);
    let timer;
    const wanted = () => at({ q: search.value, label: filter.value, page: "" });
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => search.isConnected && standoff.replace("#/", wanted(), true), 180);
    });
    filter.addEventListener("change", () => {
      clearTimeout(timer);
      standoff.replace("#/", wanted(), true);
    });
    const turn = (number, text, title) => number < 1 || number > pages
      ? h("span", { class: "turned" }, text) : h("a", { href: standoff.address("#/", at({ page: number > 1 ? String(number) : "" })), title, rel: text === "‹" ? "prev" : "next" }, text);
    const holder = h("div", { class: "list" },
      h("header", { class: "hero" },
        h("h1", {}, corpus.title),
        h("p", { class: "lead" }, [standoff.count(statistics.documents, "document"), standoff.count(statistics.spans, "annotation"), standoff.count(statistics.relations, "link"), corpus.sets.length ? `${standoff.count(corpus.sets.length, "set")}: ${corpus.sets.join(", ")}` : "no annotations yet"].map(text => h("span", {}, text)))),
      h("div", { class: "find", role: "search" }, search, filter),
      h("p", { class: "amount", role: "status" }, results ? `${standoff.count(results.length, "document")} found` : "",
        results ? h("a", { href: "#/" }, "all documents") : null),
      h("ol", { class: "entries", start: from + 1 }, rows),
      rows.length ? null : h("p", { class: "message" }, "Nothing found. Each word has to stand in the document; its beginning is enough."),
      pages > 1 ? h("nav", { class: "pages", "aria-label": "Pages of the list" }, turn(page - 1, "‹", "Page before (h)"),
        h("span", {}, `${(from + 1).toLocaleString("en")}–${(from + rows.length).toLocaleString("en")} of ${amount().toLocaleString("en")}`), turn(page + 1, "›", "Next page (l)")) : null);
    return {
      holder,
      step(by) {
        const entries = [...holder.querySelectorAll(".entry")], now = entries.indexOf(document.activeElement);
        entries[now < 0 ? (by > 0 ? 0 : entries.length - 1) : Math.max(0, Math.min(entries.length - 1, now + by))]?.focus();
      },
      page(by) {
        if (page + by >= 1 && page + by <= pages) standoff.go("#/", at({ page: page + by > 1 ? String(page + by) : "" }));
      },
    };
  };
})();
