// Statistics of the corpus.
"use strict";
(() => {
  const { h } = standoff;
  const tile = (number, name) => h("div", { class: "tile" }, h("strong", {}, number.toLocaleString("en")), h("span", {}, number === 1 ? name : `${name}s`));
  const colored = rows => rows.map(([label, number]) => [standoff.label(label).short, number, standoff.label(label).color]);
  const MANY = 14;

  // A long list shows its first rows, the rest on demand.
  standoff.long = long;
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
      h("div", { class: "tiles" }, tile(all.documents, "document"), tile(all.sentences, "sentence"), tile(all.characters, "character"), tile(all.spans, "span"), tile(all.relations, "link")),
      documents, layers, values.length ? h("section", { class: "panel" }, h("h2", {}, "attributes"), h("div", { class: "plots" }, values)) : null) };
  };
})();
