// The column beside an article: what is active with its attributes and links, and a list of everything.
"use strict";
(() => {
  const { h } = standoff;

  function facts(pairs) {
    const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
    return shown.length ? h("dl", {}, shown.map(([name, value]) => [h("dt", {}, name), h("dd", { dir: "auto" }, value)])) : null;
  }

  function cut(text, length) {
    const flat = text.replace(/\s+/gu, " "), points = [...flat];
    return points.length > length ? `${points.slice(0, length - 1).join("").trimEnd()}…` : flat;
  }

  function link(view, side, i, length = 60) {
    const { article } = view.sides[side], span = article.set.spans[i];
    return h("button", {
      type: "button", class: "mention", "data-side": side, "data-span": i,
      style: { "--c": standoff.color(standoff.label(span[0]).color) },
    }, h("bdi", {}, cut(standoff.surface(article.points, span), length)));
  }

  // One span: label, text, attributes, links, differences.
  standoff.card = (view, { side, i }) => {
    const { article, name } = view.sides[side], span = article.set.spans[i], [label, , attributes, more] = span;
    const kind = article.marks?.get(i);
    const roles = (article.partners.get(i) || []).map(([role, head, tail]) =>
      h("li", {}, h("span", { class: "role" }, head === i ? role : `${role} of`), link(view, side, head === i ? tail : head)));
    return h("section", { class: "card", style: { "--c": standoff.color(standoff.label(label).color) } },
      h("header", {}, standoff.chip(label), h("span", { class: "dim" }, [standoff.layerName(standoff.label(label).layer), view.sides.length > 1 ? name : null].filter(Boolean).join(" · "))),
      h("blockquote", { dir: "auto" }, cut(standoff.surface(article.points, span), 400)),
      kind ? h("p", { class: "difference" }, `differs in: ${standoff.differenceNames(kind).join(", ")}`) : null,
      facts([...Object.entries(attributes), ["score", more.score?.toFixed(3)], ["by", more.by], ["note", more.note]]),
      roles.length ? h("ul", { class: "roles" }, roles) : null);
  };

  // All that is shown of one set, layer by layer: heads with their parts, spans by label.
  standoff.inventory = (view, side) => {
    const { article } = view.sides[side], { set } = article;
    const shown = new Set(article.shown), parts = [];
    for (const layer of standoff.layers) {
      const mine = article.reading().filter(i => standoff.label(set.spans[i][0]).layer === layer.name);
      if (!mine.length) continue;
      const heads = mine.filter(i => (article.partners.get(i) || []).some(([label, head]) => head === i && layer.relations.includes(label)));
      const tails = new Set(set.relations.filter(([label]) => layer.relations.includes(label)).map(([, , tail]) => tail));
      const rest = mine.filter(i => !heads.includes(i) && !tails.has(i));
      parts.push(h("section", { class: "layer", style: { "--c": standoff.color(layer.color) } },
        h("h3", {}, standoff.layerName(layer.name), h("span", { class: "dim" }, mine.length)),
        heads.map(i => h("div", { class: "frame" },
          h("div", { class: "head" }, h("span", { class: "chip", style: { "--c": standoff.color(standoff.label(set.spans[i][0]).color) } }, standoff.spanName(set.spans[i])), link(view, side, i, 90)),
          h("ul", { class: "roles" }, article.partners.get(i).filter(([label, head]) => head === i && layer.relations.includes(label)).map(([label, , tail]) =>
            h("li", {}, h("span", { class: "role" }, label), shown.has(tail) ? link(view, side, tail) : h("bdi", {}, cut(standoff.surface(article.points, set.spans[tail]), 60))))))),
        [...group(rest, i => set.spans[i][0])].map(([label, some]) =>
          h("div", { class: "bunch" }, standoff.chip(label), some.map(i => link(view, side, i, 40))))));
    }
    return parts;
  };

  function group(items, key) {
    const found = new Map();
    for (const item of items) found.set(key(item), [...(found.get(key(item)) || []), item]);
    return found;
  }

  // Attributes on which the two spans of a pair differ.
  function values(view, a, b) {
    if (a < 0 || b < 0) return null;
    const [one, two] = [a, b].map((i, side) => view.sides[side].article.set.spans[i][2]);
    return [...new Set([...Object.keys(one), ...Object.keys(two)])].filter(name => one[name] !== two[name])
      .map(name => h("span", { class: "values" }, `${name}: `, h("bdi", {}, one[name] ?? "none"), " | ", h("bdi", {}, two[name] ?? "none")));
  }

  // Every difference, in the order of the text.
  standoff.differenceList = view => view.differences.filter(([, , kind]) => kind).map(([a, b, kind]) => {
    const ends = [[0, a], [1, b]].filter(([side, i]) => i >= 0 && view.sides[side].article.shown.includes(i));
    return ends.length ? h("li", {}, h("span", { class: "why" }, standoff.differenceNames(kind).join(", "), values(view, a, b)),
      ends.map(([side, i]) => h("div", {}, h("span", { class: "role" }, view.sides[side].name), standoff.chip(view.sides[side].article.set.spans[i][0]), link(view, side, i, 50)))) : null;
  });

})();
