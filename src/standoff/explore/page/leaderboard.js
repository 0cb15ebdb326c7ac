// What models reached: F1 with intervals, which of them can be told from the best, mistakes by kind, speed. One content, one table.
"use strict";
(() => {
  const { h } = standoff;
  const MEANING = {
    right: "extent and label are equal", boundary: "the label is equal, the extents only overlap", label: "the extent is equal, the label is another",
    both: "the extents only overlap, and the label is another", missed: "only gold has it", spurious: "only the model has it",
  };
  const number = value => value.toLocaleString("en");
  const percent = value => `${value}%`;
  const entries = counts => Object.entries(counts).map(([what, n]) => `${number(n)} ${what}`).join(", ");
  const table = (attributes, head, rows) => h("table", { role: "table", ...attributes },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head.map(one => h("th", { scope: "col", role: "columnheader", class: one.class }, one.node ?? one)))),
    h("tbody", { role: "rowgroup" }, rows.map(({ cells, ...more }) => h("tr", { role: "row", ...more }, cells))));
  const cell = (name, attributes, ...children) => h("td", { role: "cell", "data-name": name, ...attributes }, children);
  // A long name may break after a sign that parts it.
  const parted = name => h("bdi", {}, name.split(/(?<=[:/ ])/u).flatMap((part, i) => (i ? [h("wbr"), part] : [part])));
  const model = name => h("th", { scope: "row", role: "rowheader", class: "model" }, parted(name));
  const scroll = (what, child) => h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": what }, child);

  // From the tenth below the lowest to the tenth above the highest end of an interval.
  function scale(models) {
    const values = models.flatMap(one => [...(one.interval || []), one.f1 ?? 0]);
    let low = Math.floor(Math.min(...values) * 10 + 1e-9), high = Math.min(10, Math.ceil(Math.max(...values) * 10 - 1e-9));
    while (high - low < 3) low > 0 ? (low -= 1) : (high += 1);
    const step = high - low > 5 ? 2 : 1;
    return {
      at: value => percent((100 * (value * 10 - low)) / (high - low)),
      ticks: Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => (low + i * step) / 10),
    };
  }

  function ranking(layer, board) {
    const axis = scale(layer.models), best = layer.models[0];
    const grid = () => axis.ticks.map(tick => h("i", { class: "grid", style: { left: axis.at(tick) } }));
    const rows = layer.models.map(one => {
      const below = one.p !== null && one.p < board.alpha;
      const alone = layer.models.length === 1 || layer.documents === 1;
      const said = alone || (one !== best && one.p === null) ? "–" : one === best ? "best" : below ? `p ${one.p < 0.001 ? "< .001" : standoff.figure(one.p)}` : "not told apart from it";
      return { class: below ? "below" : null, cells: [model(one.model),
        h("td", { role: "cell", class: "forest", "aria-hidden": "true" }, h("div", {}, grid(),
          best.interval ? h("i", { class: "band", style: { left: axis.at(best.interval[0]), right: `calc(100% - ${axis.at(best.interval[1])})` } }) : null,
          one.interval ? h("i", { class: "whisker", style: { left: axis.at(one.interval[0]), right: `calc(100% - ${axis.at(one.interval[1])})` } }) : null,
          one.f1 === null ? null : h("i", { class: "point", style: { left: axis.at(one.f1) } }))),
        cell("F1", { class: "number main" }, standoff.figure(one.f1)),
        cell(`${Math.round(100 * board.level)}% interval`, { class: "number" }, standoff.reach(one.interval)),
        cell("precision", { class: "number" }, standoff.figure(one.precision)), cell("recall", { class: "number" }, standoff.figure(one.recall)),
        cell("the best?", { class: alone ? "verdict alone" : one === best ? "verdict first" : "verdict", title: one.p === null ? null : `p = ${one.p}` }, said)] };
    });
    const ticks = h("div", { class: "ticks" }, axis.ticks.map(tick => h("span", { style: { left: axis.at(tick) } }, tick === 1 ? "1" : tick ? `.${Math.round(tick * 10)}` : "0")));
    const head = ["model", { class: "forest", node: ticks }, ...["F1", `${Math.round(100 * board.level)}% interval`, "precision", "recall", "against the best"].map((node, i) => ({ class: i < 4 ? "number" : null, node }))];
    return h("div", {}, table({ class: "ranking" }, head, rows), h("p", { class: "key" }, legend(layer, board)));
  }

  function legend(layer, board) {
    const said = [`F1 of ${layer.main} over ${standoff.count(layer.documents, "document")}.`];
    if (layer.documents === 1) said.push("One document gives no interval, and tells no model apart from another.");
    else said.push(`Lines: ${Math.round(100 * board.level)}% bootstrap intervals over documents.`);
    if (layer.models.length > 1 && layer.documents > 1) said.push(`Shaded: the interval of the best. Hollow: below the best, p < ${standoff.figure(board.alpha).replace(/0+$/, "")} by paired approximate randomization over documents (${number(board.resamples)} resamples, Holm's correction for the number of models).`);
    return said.join(" ");
  }

  function mistakes(layer, board) {
    return layer.models[0].mistakes.map(({ part }) => {
      const rows = layer.models.map(one => ({ model: one.model, ...one.mistakes.find(found => found.part === part) })).filter(one => one.counts);
      const most = Math.max(...rows.map(one => one.counts.reduce((a, b) => a + b)), 1);
      const head = ["model", { class: "stacked", node: "" }, ...board.kinds.map(kind => ({ class: "number", node: h("span", { class: `kind ${kind}`, title: MEANING[kind] }, kind) }))];
      const body = rows.map(one => ({ cells: [model(one.model),
        h("td", { role: "cell", class: "stacked", "aria-hidden": "true" }, h("div", {}, one.counts.map((n, i) => n ? h("i", { class: board.kinds[i], title: `${number(n)} ${board.kinds[i]}: ${MEANING[board.kinds[i]]}`, style: { width: percent((100 * n) / most) } }) : null))),
        one.counts.map((n, i) => cell(board.kinds[i], { class: `number ${board.kinds[i]}` }, number(n)))] }));
      return h("div", { class: "mistakes" }, h("h3", {}, part === "spans" ? "mistakes" : `mistakes: ${part}`), table({ class: "ranking counts" }, head, body), rows.map(one => examples(one, part, board)));
    });
  }

  function examples(one, part, board) {
    const kinds = board.kinds.filter(kind => one.examples[kind]);
    if (!kinds.length) return null;
    return h("details", {}, h("summary", {}, h("bdi", {}, one.model), `: examples of mistakes${part === "spans" ? "" : ` in ${part}`}`),
      kinds.map(kind => h("div", { class: "examples" }, h("h4", {}, h("span", { class: `kind ${kind}` }, kind), h("span", { class: "dim" }, MEANING[kind])),
        h("ul", {}, one.examples[kind].map(found => h("li", {},
          h("a", { href: `#/d/${encodeURIComponent(found.document)}?${new URLSearchParams({ set: board.set, at: found.start })}`, dir: "auto" }, "… ", found.words[0], h("mark", {}, found.words[1]), found.words[2], " …"),
          h("span", { class: "sides" }, h("span", {}, h("b", {}, "gold"), " ", found.gold ?? "nothing"), h("span", {}, h("b", {}, "model"), " ", found.predicted ?? "nothing"))))))));
  }

  // A table of F1 with a column a model; the deeper its colour, the higher the figure.
  function figures(summary, rows, layer) {
    if (!rows.length) return null;
    const head = [{ class: "corner", node: "F1" }, ...layer.models.map(one => ({ node: parted(one.model) }))];
    const body = rows.map(({ name, values }) => ({ cells: [h("th", { scope: "row", role: "rowheader" }, name),
      values.map((value, i) => cell(layer.models[i].model, { class: "cell", style: { "--share": percent(value ? Math.round(46 * value) : 0) } }, standoff.figure(value)))] }));
    return h("details", {}, h("summary", {}, summary), scroll(summary, table({ class: "matrix figures" }, head, body)));
  }

  function section(layer, board) {
    const own = standoff.layer(layer.name), label = name => (standoff.labels.has(name) ? standoff.chip(name) : h("bdi", {}, name));
    const labels = [...layer.labels].sort((a, b) => b[1] - a[1]).map(([name, n, values]) => ({ name: [label(name), " ", h("span", { class: "dim" }, number(n))], values }));
    return h("section", { class: "panel", style: { "--c": standoff.color(own.color) } }, h("h2", { class: "dotted" }, h("bdi", {}, layer.name)),
      ranking(layer, board), mistakes(layer, board),
      figures("all figures", layer.figures.map(([name, values]) => ({ name, values })), layer),
      figures("by label", labels, layer));
  }

  function machines(board) {
    const speed = one => (one.seconds === null ? "–" : one.seconds ? Number((1 / one.seconds).toPrecision(3)).toLocaleString("en") : "–");
    const quick = board.models.map(one => (one.seconds ? 1 / one.seconds : 0)), most = Math.log10(Math.max(...quick, 1) + 1);
    const rows = board.models.map((one, i) => ({ cells: [model(one.model),
      h("td", { role: "cell", class: "pace", "aria-hidden": "true" }, h("div", {}, h("i", { style: { width: percent((100 * Math.log10(quick[i] + 1)) / most) } }))),
      cell("documents a second", { class: "number" }, speed(one)), cell("peak memory", { class: "number" }, one.memory === null ? "–" : `${number(Math.round(one.memory / 2 ** 20))} MB`),
      cell("failed documents", { class: "number" }, number(one.failed)), cell("answers left out", { class: "number" }, entries(one.leftOut) || "0"),
      cell("version", { class: "version", title: `${one.tool}; ${one.parameters}` }, h("bdi", {}, one.version))] }));
    const head = ["model", { class: "pace", node: "" }, ...["documents a second", "peak memory", "failed documents", "answers left out"].map(node => ({ class: "number", node })), "version"];
    return h("section", { class: "panel" }, h("h2", {}, "speed and versions"), table({ class: "ranking machines" }, head, rows),
      h("p", { class: "key" }, "Bars are logarithmic. Time is that of waiting for answers, without loading the model."),
      board.stopped.map(one => h("p", { class: "warning" }, h("bdi", {}, one.model), ` is in no table, it stopped: ${one.reason}`)));
  }

  standoff.leaderboardPage = async parameters => {
    const { boards } = standoff.corpus;
    if (!boards.length) return { holder: h("p", { class: "message" }, "No model has been measured. standoff benchmark does it; build these pages again then.") };
    const place = Math.min(boards.length, Math.max(1, Number(parameters.get("report")) || 1)) - 1;
    const board = await standoff.load("board", place, `data/board-${place}.js`);
    const address = i => standoff.address("#/leaderboard", new URLSearchParams(i ? { report: i + 1 } : {}));
    const version = board.version + (board.dirty ? " with changes" : "");
    const notes = [...Object.entries(board.leftOut).map(([why, n]) => `Not scored: ${standoff.count(n, "document")}, ${why}.`),
      ...Object.entries(board.unknown).map(([label, n]) => `Not compared: ${label}, a label of gold that the scheme lacks, in ${standoff.count(n, "document")}.`)];
    return {
      holder: h("div", { class: "statistics board" },
        h("header", { class: "hero" }, h("h1", {}, "Leaderboard"),
          h("p", { class: "lead" }, h("span", {}, h("bdi", {}, board.name), ` ${version}`), h("span", {}, `split ${board.split}, ${standoff.count(board.documents, "document")}`), h("span", {}, `against ${board.set}`), h("span", {}, `scheme ${board.scheme}`), h("span", { title: board.content }, "content ", h("code", {}, board.content.slice(0, 12))))),
        boards.length > 1 ? h("nav", { class: "reports", "aria-label": "Reports: results on other content are in tables of their own" }, boards.map((title, i) => h("a", { class: "toggle", href: address(i), "aria-current": i === place ? "page" : null }, h("bdi", {}, title.split(" (")[0])))) : null,
        notes.map(text => h("p", { class: "warning" }, text)),
        board.layers.map(layer => section(layer, board)), machines(board)),
      page(by) {
        if (boards[place + by] !== undefined) standoff.go(address(place + by).split("?")[0], new URLSearchParams(place + by ? { report: place + by + 1 } : {}));
      },
    };
  };
})();
