// Curves from a span to those that its relations lead to, drawn over the article while the span is active.
"use strict";
(() => {
  const { svg } = standoff;

  function anchor(article, i, frame) {
    const ink = article.nodes.get(i)?.[0];
    if (!ink) return null;
    const box = ink.getClientRects()[0];
    return { x: box.left - frame.left + Math.min(box.width / 2, 26), y: box.top - frame.top + 2 };
  }

  // Each curve rises from the head and comes down on the tail, which carries the name of the relation.
  standoff.drawLinks = (canvas, article, i) => {
    canvas.replaceChildren();
    if (i === null) return;
    const frame = canvas.getBoundingClientRect();
    for (const [label, head, tail] of article.partners.get(i) || []) {
      const from = anchor(article, head, frame), to = anchor(article, tail, frame);
      if (!from || !to) continue;
      const color = standoff.color(standoff.label(article.set.spans[head][0]).color);
      const rise = 12 + Math.min(26, Math.abs(from.x - to.x) / 16 + Math.abs(from.y - to.y) / 12);
      // One above the other: the curve bends aside, so that it does not strike the lines between them through.
      const bend = Math.abs(from.x - to.x) < 60 && Math.abs(from.y - to.y) > 40 ? Math.min(90, Math.abs(from.y - to.y) / 2) : 0;
      const path = `M${from.x} ${from.y} C${from.x + bend} ${from.y - rise}, ${to.x + bend} ${to.y - rise}, ${to.x} ${to.y}`;
      canvas.append(
        svg("path", { d: path, class: "halo" }),
        svg("path", { d: path, class: "link", style: { stroke: color } }),
        svg("circle", { cx: from.x, cy: from.y, r: 3, style: { fill: color } }),
      );
      const text = svg("text", { x: to.x, y: to.y - 3, "text-anchor": "middle", style: { fill: color } }, label);
      const back = svg("rect", { rx: 4, style: { stroke: color } });
      canvas.append(back, text);
      const box = text.getBBox();
      const shift = Math.max(0, 4 - (box.x - 5)) - Math.max(0, box.x + box.width + 5 - frame.width);
      text.setAttribute("x", to.x + shift);
      for (const [name, value] of Object.entries({ x: box.x - 5 + shift, y: box.y - 1, width: box.width + 10, height: box.height + 2 })) back.setAttribute(name, value);
    }
  };
})();
