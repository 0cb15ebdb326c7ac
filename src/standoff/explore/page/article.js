// One annotation set drawn under its text: underlines in lanes, names below them, and what is active brought out.
"use strict";
(() => {
  const { h } = standoff;
  const PER_SIGN = 0.72; // how wide a character of a name is, in characters of the text
  const MARKS = { only: "only here", 1: "extent", 2: "label", 4: "attributes", 8: "links" };

  standoff.differenceNames = kind => (kind === "only" ? [MARKS.only] : [1, 2, 4, 8].filter(bit => kind & bit).map(bit => MARKS[bit]));

  // What the name under a span says: its label, and the values that are not the default.
  standoff.spanName = ([label, , attributes]) => {
    const { listed, defaults } = standoff.corpus.scheme;
    const values = listed.map(name => attributes[name]).filter((value, i) => value !== undefined && value !== defaults[listed[i]]);
    return [standoff.label(label).short, ...values].join(" · ");
  };

  standoff.surface = (points, [, fragments]) => fragments.map(([start, end]) => points.slice(start, end).join("")).join(" … ");

  standoff.Article = class {
    // marks: place of a span to how it differs (a sum, or "only"); null where nothing is compared.
    constructor(record, set, { layers, marks = null, quiet = false }) {
      this.points = Array.from(record.text);
      this.set = set;
      this.marks = marks;
      this.nodes = new Map(); // place of a span to the elements that it covers
      this.inks = [];
      this.partners = this.#related();
      this.shown = set.spans.map((_, i) => i).filter(i => layers.has(standoff.label(set.spans[i][0]).layer) && !(quiet && marks && !marks.get(i)));
      this.paragraphs = this.#draw(record.sections);
      this.activate(null);
    }

    // Place of a span to the relations that start or end there.
    #related() {
      const found = new Map();
      for (const relation of this.set.relations) {
        for (const end of new Set([relation[1], relation[2]])) found.set(end, [...(found.get(end) || []), relation]);
      }
      return found;
    }

    #draw(sections) {
      const { spans } = this.set;
      const pieces = [], names = this.shown.map(i => this.#name(i));
      const lanes = standoff.lanes(this.shown.map((i, k) => {
        const fragments = spans[i][1], start = fragments[0][0];
        return { start, end: fragments.at(-1)[1], room: start + Math.ceil([...names[k]].length * PER_SIGN) + 1 };
      }));
      this.shown.forEach((i, k) => {
        const fragments = spans[i][1], base = { i, lane: lanes[k] };
        fragments.forEach(([start, end], n) => {
          pieces.push({ ...base, start, end, gap: false, name: n ? null : names[k] });
          if (n) pieces.push({ ...base, start: fragments[n - 1][1], end: start, gap: true, name: null });
        });
      });
      return sections.map(([kind, start, end]) => {
        const here = pieces.filter(piece => piece.start < end && start < piece.end);
        const block = h(kind === "paragraph" ? "p" : kind === "title" ? "h2" : "h3", { dir: "auto" });
        for (const [low, high] of standoff.stretches(start, end, here.flatMap(piece => [piece.start, piece.end]))) {
          const over = here.filter(piece => piece.start <= low && high <= piece.end);
          const text = this.points.slice(low, high).join("");
          block.append(over.length ? this.#ink(text, over, low) : text);
        }
        return block;
      });
    }

    #name(i) {
      const kind = this.marks?.get(i);
      return standoff.spanName(this.set.spans[i]) + (kind ? ` ${kind === "only" ? "+" : "≠"}` : "");
    }

    #ink(text, over, low) {
      const ink = h("span", { class: "ink" }, text), seg = h("span", { class: "seg" }, ink);
      seg.style.setProperty("--k", Math.max(...over.map(piece => piece.lane)) + 1);
      for (const piece of over) {
        if (!piece.gap) this.nodes.set(piece.i, [...(this.nodes.get(piece.i) || []), ink]);
        if (piece.name === null || piece.start !== low) continue;
        ink.append(h("i", {
          class: "tag", "aria-hidden": "true", "data-name": piece.name,
          style: { "--l": piece.lane, "--c": this.#color(piece.i) },
        }));
      }
      ink.pieces = over;
      this.inks.push(ink);
      return seg;
    }

    #color(i) {
      return standoff.color(standoff.label(this.set.spans[i][0]).color);
    }

    // Brings a span and what is linked with it out, and lets the others step back; null: all alike.
    activate(i) {
      const linked = new Set(i === null ? [] : (this.partners.get(i) || []).flatMap(([, head, tail]) => [head, tail]));
      for (const ink of this.inks) {
        const layers = [], places = [], sizes = [];
        const add = (image, place, size) => (layers.push(image), places.push(place), sizes.push(size));
        for (const piece of ink.pieces) {
          const color = this.#color(piece.i), near = piece.i === i || linked.has(piece.i);
          const equal = this.marks && !this.marks.get(piece.i);
          const strength = near ? 100 : i !== null ? 25 : equal ? 36 : 100;
          const bar = strength === 100 ? color : `color-mix(in oklab, ${color} ${strength}%, transparent)`;
          add(
            piece.gap ? `repeating-linear-gradient(90deg, ${bar} 0 2px, transparent 2px 6px)` : `linear-gradient(${bar}, ${bar})`,
            `0 calc(100% - (var(--k) - ${piece.lane}) * var(--lane) + var(--bar) + 1px)`,
            piece.gap ? "100% 1.5px" : "100% var(--bar)",
          );
        }
        for (const piece of ink.pieces) {
          if (piece.gap) continue;
          const tint = piece.i === i ? 26 : linked.has(piece.i) ? 15 : i === null && this.marks?.get(piece.i) ? 11 : 0;
          const wash = `color-mix(in oklab, ${this.#color(piece.i)} ${tint}%, transparent)`;
          if (tint) add(`linear-gradient(${wash}, ${wash})`, "0 0", "100% var(--content)");
        }
        ink.style.backgroundImage = layers.join(",");
        ink.style.backgroundPosition = places.join(",");
        ink.style.backgroundSize = sizes.join(",");
        for (const tag of ink.querySelectorAll(".tag")) {
          const piece = ink.pieces.find(one => one.name === tag.dataset.name && one.lane === Number(tag.style.getPropertyValue("--l")));
          const near = piece.i === i || linked.has(piece.i);
          tag.classList.toggle("back", i !== null ? !near : Boolean(this.marks && !this.marks.get(piece.i)));
        }
      }
    }

    // A name that would run out of the column at the end of a line moves back, but not over the name before it.
    fit() {
      const pen = document.createElement("canvas").getContext("2d"), ends = new Map();
      const moved = this.inks.flatMap(ink => [...ink.querySelectorAll(".tag")].map(tag => {
        const look = getComputedStyle(tag, "::after"), box = ink.getClientRects()[0];
        const column = ink.closest("p, h2, h3").getBoundingClientRect();
        pen.font = look.font;
        const width = pen.measureText(tag.dataset.name).width + parseFloat(look.letterSpacing) * tag.dataset.name.length;
        const start = look.direction === "rtl" ? column.right - box.right : box.left - column.left;
        const line = `${Math.round(box.top / 4)} ${tag.style.getPropertyValue("--l")}`;
        const back = Math.max(0, Math.min(start + width - column.width, start - (ends.get(line) ?? 0)));
        ends.set(line, start - back + width + 4);
        return [tag, back];
      }));
      for (const [tag, back] of moved) tag.style.setProperty("--back", `${-back}px`);
    }

    // The span under a point of the window: the one whose lane is there, else the shortest one. Null: none.
    at(ink, x, y) {
      const solid = ink.pieces.filter(piece => !piece.gap);
      const box = [...ink.getClientRects()].find(one => one.left <= x && x <= one.right && one.top <= y && y <= one.bottom);
      const pieces = solid.length ? solid : ink.pieces;
      if (box) {
        const style = getComputedStyle(ink), pad = parseFloat(style.paddingBottom);
        const lane = Math.floor((y - (box.bottom - pad)) / (pad / Number(ink.parentNode.style.getPropertyValue("--k"))));
        const there = ink.pieces.find(piece => piece.lane === lane);
        if (there) return there.i;
      }
      return pieces.reduce((a, b) => (b.lane < a.lane ? b : a)).i;
    }

    reading() {
      return [...this.shown].sort((a, b) => a - b);
    }
  };
})();
