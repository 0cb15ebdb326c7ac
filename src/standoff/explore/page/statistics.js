// Statistics of the corpus, and how far its annotators agree.
"use strict";
(() => {
  const { h } = standoff;
  const tile = (number, name) => h("div", { class: "tile" }, h("strong", {}, typeof number === "number" ? number.toLocaleString("en") : number), h("span", {}, name));
  const colored = rows => rows.map(([label, number]) => [standoff.label(label).short, number, standoff.label(label).color]);
  const MANY = 14;

  // A long list shows its first rows, the rest on demand.
  function long(rows, draw) {
    if (rows.length <= MANY + 2) return draw(rows);
    return [draw(rows.slice(0, MANY)), h("details", {}, h("summary", {}, `${rows.length - MANY} more`), draw(rows.slice(MANY)))];
  }

  standoff.statisticsPage = () => {
    const { statistics: all, scheme } = standoff.corpus;
    const most = Math.max(...all.layers.flatMap(layer => layer.labels.map(row => row[1])), 0);
    const layers = all.layers.map(layer => {
      const own = standoff.layers.find(one => one.name === layer.name);
      const number = layer.labels.reduce((sum, row) => sum + row[1], 0);
      return h("section", { class: "panel", style: { "--c": standoff.color(own.color) } },
        h("h2", {}, standoff.layerName(layer.name)),
        h("p", { class: "lead" }, [standoff.count(number, "span"), `annotated in ${standoff.count(layer.annotated, "document")}`, `${standoff.percent(layer.discontinuous, number)} discontinuous`, `${standoff.percent(layer.nested, number)} within or across another`].map(text => h("span", {}, text))),
        h("div", { class: "plots" },
          h("div", {}, h("h3", {}, "labels"), layer.labels.length ? long(colored(layer.labels), rows => standoff.bars(rows, { of: most })) : h("p", { class: "dim" }, "none")),
          layer.relations.length ? h("div", {}, h("h3", {}, "links"), long(layer.relations.map(([name, n]) => [name, n, own.color]), rows => standoff.bars(rows, { of: layer.relations[0][1] }))) : null,
          layer.lengths.length ? h("div", {}, h("h3", {}, "length"), standoff.histogram(layer.lengths, "characters in a span", own.color)) : null));
    });
    const values = Object.entries(all.values).map(([name, counts]) => h("div", {}, h("h3", {}, name), standoff.bars(Object.entries(counts))));
    const some = counts => Object.entries(counts).map(([name, n]) => [name || "not known", n]);
    const documents = h("section", { class: "panel" }, h("h2", {}, "documents"), h("div", { class: "plots" },
      h("div", {}, h("h3", {}, "length"), standoff.histogram(all.sizes, "characters in a document")),
      h("div", {}, h("h3", {}, "date"), long(some(all.months), standoff.bars)),
      Object.keys(all.publishers).some(Boolean) ? h("div", {}, h("h3", {}, "publisher"), standoff.bars(some(all.publishers))) : null,
      Object.keys(all.languages).length > 1 ? h("div", {}, h("h3", {}, "language"), standoff.bars(some(all.languages))) : null,
      h("div", {}, h("h3", {}, "state"), standoff.bars([...Object.entries(all.kinds), ["confirmed", all.confirmed]]))));
    return { holder: h("div", { class: "statistics" },
      h("header", { class: "hero" }, h("h1", {}, "Statistics"), h("p", { class: "lead" }, h("span", {}, scheme.title || scheme.version), h("span", {}, scheme.version), standoff.corpus.sets.length ? h("span", {}, `annotations: ${standoff.corpus.sets[0]}${standoff.corpus.sets.length > 1 ? ", where there are none the next set" : ""}`) : null)),
      h("div", { class: "tiles" }, tile(all.documents, "documents"), tile(all.sentences, "sentences"), tile(all.characters, "characters"), tile(all.spans, "spans"), tile(all.relations, "links")),
      documents, layers, values.length ? h("section", { class: "panel" }, h("h2", {}, "attributes"), h("div", { class: "plots" }, values)) : null) };
  };

  function pair({ first, second, layers }) {
    return h("section", { class: "panel" }, h("h2", {}, h("bdi", {}, first), " and ", h("bdi", {}, second)),
      Object.entries(layers).map(([name, figures]) => {
        const own = standoff.layers.find(layer => layer.name === name), note = one => `${one.both} of ${one.first} and ${one.second}`;
        const rows = [["spans", figures.spans.f1, own.color, note(figures.spans)]];
        if (figures.relations.first + figures.relations.second) rows.push(["links", figures.relations.f1, own.color, note(figures.relations)]);
        const labels = Object.entries(figures.labels).sort((a, b) => b[1].first - a[1].first).map(([label, one]) => [standoff.label(label).short, one.f1, standoff.label(label).color, note(one)]);
        const attributes = Object.entries(figures.attributes).map(([label, one]) => [label, one.kappa, own.color, `equal in ${standoff.percent(one.observed, 1)} of ${one.spans}`]);
        const f1 = { of: 1, show: standoff.figure };
        return h("div", { class: "agreement", style: { "--c": standoff.color(own.color) } },
          h("h3", {}, name, h("span", { class: "dim" }, standoff.count(figures.documents, "document"))),
          h("div", { class: "plots" },
            h("div", {}, h("h4", {}, "F1: equal in extent and label"), standoff.bars(rows, f1), attributes.length ? [h("h4", {}, "kappa of attributes"), standoff.bars(attributes, f1)] : null),
            h("div", {}, h("h4", {}, "F1 by label"), long(labels, part => standoff.bars(part, f1))),
            figures.confusion.length ? h("div", {}, h("h4", {}, "one said, where the other said"), h("table", { class: "confusion" }, h("thead", {}, h("tr", {}, h("th", {}, h("bdi", {}, first)), h("th", {}, h("bdi", {}, second)), h("th", {}))), h("tbody", {}, figures.confusion.map(cell =>
              h("tr", {}, h("td", {}, cell.first ? standoff.chip(cell.first) : h("span", { class: "dim" }, "nothing")), h("td", {}, cell.second ? standoff.chip(cell.second) : h("span", { class: "dim" }, "nothing")), h("td", { class: "number" }, cell.number)))))) : null));
      }));
  }

  standoff.agreementPage = () => {
    const { agreement } = standoff.corpus;
    return { holder: h("div", { class: "statistics" },
      h("header", { class: "hero" }, h("h1", {}, "Agreement"), h("p", { class: "lead" }, h("span", {}, "In the documents and layers that both annotated; .000 is none, 1.000 all."))),
      agreement.length ? agreement.map(pair) : h("p", { class: "message" }, "No two sets annotate a layer of the same document.")) };
  };
})();
