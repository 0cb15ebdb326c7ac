// How far annotators agree: by pair, layer, label, attribute and document, and what is confused with what.
"use strict";
(() => {
  const { h } = standoff;
  const f1 = { of: 1, show: standoff.figure };
  const note = one => `${[one.both, one.first].map(n => n.toLocaleString("en")).join(" of ")} and ${one.second.toLocaleString("en")}`;
  const word = label => (label ? standoff.chip(label) : h("span", { class: "dim" }, "nothing"));

  function matrix({ labels, cells, more }, first, second) {
    const names = [...labels, null], largest = equal => Math.max(...cells.flatMap((row, i) => row.filter((_, j) => (i === j) === equal)), 1);
    const same = largest(true), other = largest(false);
    const cell = (number, i, j) => h("td", { class: i === j ? "cell same" : "cell", style: { "--share": `${number ? 10 + Math.round((62 * number) / (i === j ? same : other)) : 0}%` } }, number || (i === names.length - 1 && i === j ? "" : h("span", { class: "none" }, "0")));
    return h("div", { class: "wide" }, h("h4", {}, "confusion of labels: rows are those of ", h("bdi", {}, first), ", columns those of ", h("bdi", {}, second)),
      h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Confusion of labels" }, h("table", { class: "matrix" },
        h("thead", {}, h("tr", {}, h("td", {}), names.map(name => h("th", { scope: "col" }, h("span", { class: "slant" }, name ? standoff.label(name).short : "nothing"))))),
        h("tbody", {}, names.map((name, i) => h("tr", {}, h("th", { scope: "row" }, word(name)), cells[i].map((number, j) => cell(number, i, j))))))),
      more ? h("p", { class: "dim" }, `and ${standoff.count(more, "label")} that ${more === 1 ? "is" : "are"} confused less often`) : null);
  }

  function apart(figures, first, second) {
    if (!figures.apart.length) return null;
    const rows = figures.apart.map(([id, value, both, one, other]) => h("tr", {},
      h("th", { scope: "row" }, h("a", { href: `#/d/${encodeURIComponent(id)}?${new URLSearchParams({ set: first, with: second })}` }, h("bdi", {}, id))),
      h("td", { class: "number" }, standoff.figure(value)), h("td", { class: "note" }, note({ both, first: one, second: other }))));
    return h("div", {}, h("h4", {}, "F1 by document, the lowest first"), h("table", { class: "rows" }, h("tbody", {}, rows)));
  }

  function layer([name, figures], first, second) {
    const own = standoff.layer(name);
    const rows = [["spans", figures.spans.f1, own.color, note(figures.spans)]];
    if (figures.relations.first + figures.relations.second) rows.push(["links", figures.relations.f1, own.color, note(figures.relations)]);
    const labels = Object.entries(figures.labels).sort((a, b) => b[1].first - a[1].first).map(([label, one]) => [standoff.label(label).short, one.f1, standoff.label(label).color, note(one)]);
    const attributes = Object.entries(figures.attributes).map(([label, one]) => [label, one.kappa, own.color, `equal in ${standoff.percent(one.observed, 1)} of ${one.spans}`]);
    const whole = figures.equal === figures.documents ? `equal in ${figures.documents === 1 ? "it" : "all of them"}` : `equal in ${figures.equal.toLocaleString("en")} of them`;
    return h("div", { class: "agreement", style: { "--c": standoff.color(own.color) } },
      h("h3", {}, name, h("span", { class: "dim" }, `${standoff.count(figures.documents, "document")}, ${whole}`)),
      h("div", { class: "plots" },
        h("div", {}, h("h4", {}, "F1: equal in extent and label"), standoff.bars(rows, f1),
          attributes.length ? [h("h4", {}, "kappa of attributes"), standoff.bars(attributes, f1)] : null,
          standoff.corpus.gamma ? [h("h4", {}, "gamma, the mean of documents"), standoff.bars([["extent and label", figures.gamma, own.color]], f1)] : null),
        h("div", {}, h("h4", {}, "F1 by label"), standoff.long(labels, part => standoff.bars(part, f1))),
        figures.confusion.length ? h("div", {}, h("h4", {}, "one said, where the other said"), h("table", { class: "confusion" }, h("thead", {}, h("tr", {}, h("th", {}, h("bdi", {}, first)), h("th", {}, h("bdi", {}, second)), h("th", {}))),
          h("tbody", {}, figures.confusion.map(cell => h("tr", {}, h("td", {}, word(cell.first)), h("td", {}, word(cell.second)), h("td", { class: "number" }, cell.number)))))) : null,
        apart(figures, first, second)),
      figures.matrix ? matrix(figures.matrix, first, second) : null);
  }

  const pair = ({ first, second, layers }) => h("section", { class: "panel" },
    h("h2", {}, h("bdi", {}, first), " and ", h("bdi", {}, second)), Object.entries(layers).map(one => layer(one, first, second)));

  standoff.agreementPage = () => {
    const { agreement, gamma } = standoff.corpus;
    return { holder: h("div", { class: "statistics" },
      h("header", { class: "hero" }, h("h1", {}, "Agreement"),
        h("p", { class: "lead" }, h("span", {}, "In the documents and layers that both annotated; .000 is none, 1.000 all.")),
        agreement.length && !gamma ? h("p", { class: "dim" }, "Gamma was not measured: it takes seconds a document, and comes with ", h("code", {}, "standoff explore --gamma"), ".") : null),
      agreement.length ? agreement.map(pair) : h("p", { class: "message" }, "No two sets annotate a layer of the same document.")) };
  };
})();
