// A document: toolbar, one article or two side by side, and the column beside them.
"use strict";
(() => {
  const { h } = standoff;
  const choice = { layers: null, names: standoff.recall("names", true), quiet: false };

  class View {
    constructor(record, parameters) {
      this.record = record;
      this.parameters = parameters;
      this.active = null;
      this.pinned = false;
      this.holder = h("div", { class: "document" });
      this.draw();
    }

    get layers() {
      const used = new Set(this.record.sets.flatMap(set => [...set.layers, ...set.spans.map(span => standoff.label(span[0]).layer)]));
      return standoff.layers.filter(layer => used.has(layer.name));
    }

    get visible() {
      return new Set(this.layers.map(layer => layer.name).filter(name => choice.layers?.[name] ?? true));
    }

    #sets() {
      const { sets } = this.record, find = name => sets.findIndex(set => set.annotator === name);
      const first = Math.max(0, find(this.parameters.get("set"))), second = find(this.parameters.get("with"));
      return { first, second: second === first ? -1 : second };
    }

    draw() {
      const { record } = this, { first, second } = this.#sets();
      const places = second < 0 ? [first] : [first, second];
      this.compared = second >= 0;
      this.differences = this.compared ? this.#differences(first, second) : [];
      const layers = this.visible;
      this.sides = record.sets.length
        ? places.map((place, side) => {
            const set = record.sets[place];
            const marks = this.compared ? new Map(this.differences.map(pair => [pair[side], pair[2]]).filter(([i]) => i >= 0)) : null;
            return { name: set.annotator, set, article: new standoff.Article(record, set, { layers, marks, quiet: choice.quiet }) };
          })
        : [{ name: "", set: null, article: new standoff.Article(record, { spans: [], relations: [], layers: [] }, { layers }) }];
      this.canvases = this.sides.map(() => standoff.svg("svg", { class: "links", "aria-hidden": "true" }));
      this.detail = h("div", { class: "detail", "aria-live": "polite" });
      this.list = h("div", { class: "inventory" }, this.compared ? this.#differenceSection() : standoff.inventory(this, 0));
      this.holder.replaceChildren(
        this.#header(),
        this.#toolbar(first, second),
        h("div", { class: this.compared ? "reader two" : "reader" },
          h("div", { class: `sheet ${choice.names ? "named" : "plain"}` }, this.#body()),
          h("aside", { class: "side", "aria-label": "Annotations" }, this.detail, this.list)));
      this.#listen();
      this.fit();
      this.show(null);
    }

    #differences(first, second) {
      const turned = first > second, key = turned ? `${second},${first}` : `${first},${second}`;
      return (this.record.differences[key] || []).map(([a, b, kind]) =>
        [...(turned ? [b, a] : [a, b]), a < 0 || b < 0 ? "only" : kind]);
    }

    #header() {
      const { record } = this, { source } = record, title = record.sections.some(([kind]) => kind === "title");
      const safe = /^https?:\/\//iu.test(source.url || "");
      const facts = [record.date, source.publisher, record.language, source.license && `licence ${source.license}`, record.group && `story ${record.group}`].filter(Boolean);
      return h("header", { class: "about" },
        h("div", { class: "way" },
          h("a", { href: standoff.backTo(), title: "All documents (u)" }, "← Documents"),
          h("span", { class: "turn" },
            h("button", { type: "button", "data-step": -1, title: "Previous document (p)", disabled: !standoff.neighbor(record.number, -1) }, "‹"),
            h("span", { class: "dim" }, standoff.placeOf(record.number)),
            h("button", { type: "button", "data-step": 1, title: "Next document (n)", disabled: !standoff.neighbor(record.number, 1) }, "›"))),
        !title && record.title ? [h("p", { class: "id" }, record.id), h("h1", { dir: "auto" }, record.title)] : h("h1", { class: "id" }, record.id),
        h("p", { class: "facts" }, facts.map(fact => h("bdi", {}, fact)), safe ? h("a", { href: source.url, rel: "noopener noreferrer nofollow" }, "source") : null));
    }

    #toolbar(first, second) {
      const { sets } = this.record, visible = this.visible;
      const options = (chosen, none) => [none ? h("option", { value: "", selected: chosen < 0 }, none) : null,
        sets.map((set, i) => h("option", { value: set.annotator, selected: i === chosen }, set.annotator))];
      const numbers = new Map();
      for (const span of this.sides[0].article.set.spans) {
        const { layer } = standoff.label(span[0]);
        numbers.set(layer, (numbers.get(layer) || 0) + 1);
      }
      return h("div", { class: "toolbar", role: "toolbar", "aria-label": "What is shown" },
        sets.length ? h("label", {}, h("span", {}, "set"), h("select", { id: "set" }, options(first))) : h("span", { class: "dim" }, "no annotations"),
        sets.length > 1 ? h("label", {}, h("span", {}, "beside"), h("select", { id: "with" }, options(second, "nobody"))) : null,
        h("span", { class: "layers" }, this.layers.map((layer, i) => h("button", {
          type: "button", class: "toggle", "data-layer": layer.name, "aria-pressed": String(visible.has(layer.name)),
          title: i < 9 ? `${standoff.layerName(layer.name)} (${i + 1})` : standoff.layerName(layer.name), style: { "--c": standoff.color(layer.color) },
        }, standoff.layerName(layer.name), h("span", { class: "dim" }, this.sides[0].set?.layers.includes(layer.name) || layer.unknown ? numbers.get(layer.name) || 0 : "not annotated")))),
        h("button", { type: "button", class: "toggle", id: "names", "aria-pressed": String(choice.names), title: "Names of labels (l)" }, "names"),
        this.compared ? h("button", { type: "button", class: "toggle", id: "quiet", "aria-pressed": String(choice.quiet), title: "Only what differs (o)" }, "only differences") : null);
    }

    #body() {
      const [one, two] = this.sides;
      const note = side => {
        const { set } = side;
        if (!set) return null;
        const state = set.confirmed.length ? "confirmed" : set.kind === "human" ? "draft" : set.kind;
        const { tool, model, version } = set.provenance;
        return h("header", { class: "annotator" }, h("strong", {}, side.name), h("span", { class: "dim" }, [state, model || version && tool, version].filter(Boolean).join(" · ")));
      };
      const comments = side => (side.set?.comments || []).map(({ by, text }) => h("p", { class: "comment" }, h("strong", {}, by || "comment"), h("span", { dir: "auto" }, text)));
      if (!two) return [h("div", { class: "column", "data-side": 0 }, note(one), one.article.paragraphs, comments(one), this.canvases[0])];
      const mark = (node, side) => (node.dataset.side = side, node);
      return [
        h("div", { class: "pair heads" }, note(one), note(two)),
        one.article.paragraphs.map((paragraph, i) => h("div", { class: "pair" },
          h("div", { class: "half", "data-name": one.name }, mark(paragraph, 0)), h("div", { class: "half", "data-name": two.name }, mark(two.article.paragraphs[i], 1)))),
        h("div", { class: "pair" }, h("div", {}, comments(one)), h("div", {}, comments(two))), this.canvases];
    }

    #differenceSection() {
      const numbers = new Map();
      let equal = 0;
      for (const [, , kind] of this.differences) {
        if (!kind) equal += 1;
        else for (const name of standoff.differenceNames(kind)) numbers.set(name, (numbers.get(name) || 0) + 1);
      }
      const rows = standoff.differenceList(this).filter(Boolean);
      return h("section", { class: "layer" },
        h("h3", {}, "differences", h("span", { class: "dim" }, this.differences.length - equal)),
        h("p", { class: "tally" }, h("span", {}, `${equal} equal`), [...numbers].map(([name, number]) => h("span", {}, `${number} ${name}`))),
        rows.length ? h("ol", { class: "differences" }, rows) : h("p", { class: "dim" }, "none in what is shown"));
    }

    // -- what is active

    // From the list no card: it would push the list away below the mouse.
    show(active, { card = true } = {}) {
      this.active = active;
      this.sides.forEach(({ article }, side) => {
        const mine = active === null ? null : active.side === side ? active.i : this.#mate(active, side);
        article.activate(mine);
        standoff.drawLinks(this.canvases[side], article, mine);
      });
      if (active && card) this.detail.replaceChildren(standoff.card(this, active));
      else this.detail.replaceChildren(h("p", { class: "hint" }, this.sides[0].article.shown.length ? "Point at an underline, or press j." : "Nothing is annotated here."));
      for (const button of this.list.querySelectorAll(".mention")) {
        button.classList.toggle("on", active !== null && Number(button.dataset.side) === active.side && Number(button.dataset.span) === active.i);
      }
    }

    #mate({ side, i }, other) {
      const pair = this.differences.find(one => one[side] === i);
      return pair && pair[other] >= 0 ? pair[other] : null;
    }

    // The next or the one before, in the order of the text; while comparing, of those that differ.
    step(by) {
      const order = this.compared
        ? this.differences.filter(pair => pair[2]).map(([a, b]) => (a >= 0 ? { side: 0, i: a } : { side: 1, i: b }))
        : this.sides[0].article.reading().map(i => ({ side: 0, i }));
      const there = order.filter(({ side, i }) => this.sides[side].article.shown.includes(i));
      if (!there.length) return;
      const now = there.findIndex(one => one.side === this.active?.side && one.i === this.active?.i);
      const next = there[now < 0 ? (by > 0 ? 0 : there.length - 1) : (now + by + there.length) % there.length];
      this.pin(next);
    }

    pin(active) {
      this.pinned = active !== null;
      this.show(active);
      const ink = active && this.sides[active.side].article.nodes.get(active.i)?.[0];
      if (!ink) return;
      const box = ink.getBoundingClientRect(), top = this.holder.querySelector(".toolbar").offsetHeight + 50;
      const bottom = innerHeight - 60 - (getComputedStyle(this.detail).position === "fixed" ? this.detail.offsetHeight : 0);
      if (box.top < top || Math.min(box.bottom, box.top + 40) > bottom) scrollBy({ top: box.top - (top + bottom) / 3, behavior: standoff.calm() ? "auto" : "smooth" });
      const mention = this.list.querySelector(".mention.on"), side = this.list.parentNode;
      if (!mention || side.scrollHeight <= side.clientHeight) return;
      const place = mention.getBoundingClientRect(), above = this.detail.getBoundingClientRect().bottom, below = side.getBoundingClientRect().bottom;
      if (place.top < above || place.bottom > below) side.scrollTop += place.top - above - 40;
    }

    toggle(number) {
      const layer = this.layers[number];
      if (layer) this.#switch(layer.name);
    }

    #switch(name) {
      choice.layers = { ...choice.layers, [name]: !this.visible.has(name) };
      this.draw();
      [...this.holder.querySelectorAll(".toggle[data-layer]")].find(button => button.dataset.layer === name)?.focus({ preventScroll: true });
    }

    names() {
      choice.names = !choice.names;
      standoff.remember("names", choice.names);
      this.draw();
    }

    quiet() {
      choice.quiet = !choice.quiet;
      this.draw();
    }

    compare() {
      const others = this.record.sets.map(set => set.annotator).filter(name => name !== this.sides[0].name);
      if (others.length) this.choose("with", this.compared ? "" : others[0]);
    }

    choose(name, value) {
      if (value) this.parameters.set(name, value);
      else this.parameters.delete(name);
      standoff.replace(`#/d/${encodeURIComponent(this.record.id)}`, this.parameters);
      this.draw();
    }

    fit() {
      if (choice.names && this.holder.isConnected) for (const { article } of this.sides) article.fit();
    }

    redraw() {
      this.fit();
      this.show(this.active);
    }

    // Opened at a place in the text: the span that begins there, or else the paragraph.
    arrive() {
      const at = Number(this.parameters.get("at") ?? NaN), { article } = this.sides[0];
      const i = article.shown.find(one => article.set.spans[one][1][0][0] === at);
      if (i !== undefined) return this.pin({ side: 0, i });
      const place = this.record.sections.findIndex(([, start, end]) => start <= at && at < end);
      return article.paragraphs[place]?.scrollIntoView({ block: "center" });
    }

    #listen() {
      const pointed = event => {
        const ink = event.target.closest(".ink");
        if (ink) {
          const side = Number(ink.closest("[data-side]").dataset.side);
          return { side, i: this.sides[side].article.at(ink, event.clientX, event.clientY) };
        }
        const button = event.target.closest(".mention");
        return button ? { side: Number(button.dataset.side), i: Number(button.dataset.span) } : null;
      };
      const same = (a, b) => a?.side === b?.side && a?.i === b?.i;
      const sheet = this.holder.querySelector(".sheet");
      const hover = event => {
        if (this.pinned || event.pointerType === "touch") return;
        const found = pointed(event);
        if (!same(found, this.active)) this.show(found, { card: event.currentTarget === sheet });
      };
      sheet.addEventListener("pointermove", hover);
      this.list.addEventListener("pointerover", hover);
      for (const area of [sheet, this.list]) area.addEventListener("pointerleave", () => this.pinned || this.active === null || this.show(null));
      sheet.addEventListener("click", event => {
        if (String(getSelection())) return;
        const found = pointed(event);
        if (found && !(this.pinned && same(found, this.active))) this.pin(found);
        else if (this.active) this.pin(null);
      });
      for (const area of [this.list, this.detail]) {
        area.addEventListener("click", event => {
          const found = pointed(event);
          if (found && this.sides[found.side].article.shown.includes(found.i)) this.pin(found);
        });
      }
      this.list.addEventListener("focusin", event => {
        const found = pointed(event);
        if (found && !same(found, this.active) && event.target.matches(":focus-visible")) this.show(found, { card: false });
      });
      const toolbar = this.holder.querySelector(".toolbar");
      toolbar.addEventListener("change", event => this.choose(event.target.id, event.target.value));
      toolbar.addEventListener("click", event => {
        const button = event.target.closest("button");
        if (button?.dataset.layer !== undefined) this.#switch(button.dataset.layer);
        else if (button?.id === "names") this.names();
        else if (button?.id === "quiet") this.quiet();
      });
      for (const button of this.holder.querySelectorAll("[data-step]")) button.addEventListener("click", () => standoff.turn(this.record.number, Number(button.dataset.step)));
    }
  }

  standoff.documentPage = async (id, parameters) => new View(await standoff.document(id), parameters);
})();
