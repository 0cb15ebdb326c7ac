// What all pages share: elements, files loaded as scripts (which works from disk too), numbers, colours.
"use strict";
const standoff = { take: {} };

(() => {
  const SVG = "http://www.w3.org/2000/svg";

  // Text goes in as text, never as HTML: whatever a corpus says stays a string.
  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "style") for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat(3).filter(child => child !== null && child !== undefined && child !== false));
    return node;
  }
  standoff.h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  standoff.svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

  standoff.count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many || `${one}s`}`;
  standoff.figure = value => (value === null || value === undefined ? "–" : value.toFixed(3).replace(/^0/, ""));
  standoff.reach = ends => (ends ? `${standoff.figure(ends[0])}–${standoff.figure(ends[1])}` : "–");
  standoff.percent = (part, whole) => (whole ? `${Math.round((100 * part) / whole)}%` : "–");
  standoff.color = pair => `light-dark(${pair[0]}, ${pair[1]})`;

  // A file calls standoff.take.KIND(KEY, VALUE), and so hands over what it holds.
  const waiting = new Map(), kept = new Map();
  const KEPT = 400;
  for (const kind of ["part", "words", "label", "document", "board"]) {
    standoff.take[kind] = (key, value) => waiting.get(`${kind} ${key}`)?.(value);
  }
  standoff.load = (kind, key, path) => {
    const name = `${kind} ${key}`;
    if (kept.has(name)) return kept.get(name);
    const promise = new Promise((resolve, reject) => {
      const script = standoff.h("script", { src: path });
      const done = (act, value) => {
        waiting.delete(name);
        script.remove();
        act(value);
      };
      waiting.set(name, value => done(resolve, value));
      script.onerror = () => done(reject, new Error(`${path} is missing: build these pages again`));
      script.onload = () => done(reject, new Error(`${path} is damaged: build these pages again`));
      document.head.append(script);
    });
    kept.set(name, promise);
    promise.catch(() => kept.delete(name));
    if (kept.size > KEPT) kept.delete(kept.keys().next().value);
    return promise;
  };
  standoff.document = id => standoff.load("document", id, `documents/${encodeURIComponent(id)}.js`);
  standoff.row = async number => {
    const size = standoff.corpus.part, part = Math.floor(number / size);
    return (await standoff.load("part", part, `data/part-${part}.js`))[number % size];
  };

  standoff.remember = (name, value) => {
    try {
      localStorage.setItem(`standoff ${name}`, JSON.stringify(value));
    } catch { /* a browser may keep nothing for pages from disk */ }
  };
  standoff.recall = (name, other) => {
    try {
      return JSON.parse(localStorage.getItem(`standoff ${name}`)) ?? other;
    } catch {
      return other;
    }
  };

  // Label to its layer, its name in short, and its colours. What the scheme doesn't have gets a layer of its own.
  standoff.prepare = corpus => {
    standoff.corpus = corpus;
    standoff.labels = new Map();
    standoff.layers = corpus.scheme.layers.map(layer => ({ ...layer }));
    standoff.layers.push({ name: "", color: corpus.scheme.unknown, labels: [], relations: [], unknown: true });
    for (const layer of standoff.layers) {
      for (const label of layer.labels) standoff.labels.set(label.name, { ...label, layer: layer.name });
    }
  };
  standoff.label = name =>
    standoff.labels.get(name) || { name, short: name, color: standoff.corpus.scheme.unknown, layer: "" };
  standoff.layer = name => standoff.layers.find(layer => layer.name === name) || { name, color: standoff.corpus.scheme.unknown };
  standoff.layerName = name => name || "not in the scheme";
  standoff.chip = name =>
    standoff.h("span", { class: "chip", style: { "--c": standoff.color(standoff.label(name).color) }, title: name }, standoff.label(name).short);
})();
