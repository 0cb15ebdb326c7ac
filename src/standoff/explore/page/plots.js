// Plots as inline SVG: bars that compare, and histograms.
"use strict";
(() => {
  const { h, svg } = standoff;

  // Rows of [name, number, colour pair?, note?]: bars in HTML, so that names wrap and can be copied.
  standoff.bars = (rows, { of = null, show = value => value.toLocaleString("en") } = {}) => {
    const most = of ?? Math.max(...rows.map(([, value]) => value || 0), 0);
    return h("table", { class: "bars" }, h("tbody", {}, rows.map(([name, value, color, note]) =>
      h("tr", {}, h("th", { scope: "row", title: name }, h("bdi", {}, name)),
        h("td", { class: "bar" }, bar(value || 0, most, color)),
        h("td", { class: "number" }, value === null ? "–" : show(value)),
        note === undefined ? null : h("td", { class: "note" }, note)))));
  };

  function bar(value, most, color) {
    const width = most ? (100 * value) / most : 0;
    return svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { class: "track", width: 100, height: 10 }),
      svg("rect", { width: Math.max(width, value ? 0.6 : 0), height: 10, style: { fill: color ? standoff.color(color) : "var(--accent)" } }));
  }

  // Bins of [first, last, number] as columns over an axis.
  standoff.histogram = (bins, unit, color) => {
    const width = 300, height = 128, base = 100, most = Math.max(...bins.map(bin => bin[2]), 1), each = Math.min(30, width / Math.max(bins.length, 1));
    const columns = bins.map(([first, last, number], i) => {
      const tall = (number / most) * (base - 16);
      return svg("g", {}, svg("title", {}, `${first.toLocaleString("en")} to ${last.toLocaleString("en")} ${unit}: ${number.toLocaleString("en")}`),
        svg("rect", { class: "reach", x: i * each, y: 0, width: each, height: base }),
        svg("rect", { x: i * each + Math.min(1, each / 8), y: base - Math.max(tall, number ? 1.5 : 0), width: Math.max(each - Math.min(2, each / 4), 0.5), height: Math.max(tall, number ? 1.5 : 0), rx: 1, style: { fill: color ? standoff.color(color) : "var(--accent)" } }));
    });
    const every = Math.max(1, Math.ceil(bins.length / 5));
    const ticks = bins.flatMap(([first], i) => i % every ? [] : [svg("text", { x: i * each + 1, y: base + 16 }, first.toLocaleString("en"))]);
    return h("figure", { class: "plot" }, svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${unit}: ${bins.length} bins, at most ${most} in one` },
      svg("text", { class: "peak", x: width, y: 9, "text-anchor": "end" }, `at most ${most.toLocaleString("en")}`),
      columns, svg("line", { class: "axis", x1: 0, x2: width, y1: base, y2: base }), ticks),
    h("figcaption", {}, unit));
  };
})();
