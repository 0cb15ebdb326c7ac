// Where underlines run: spans to lanes, and a text cut where anything begins or ends. Pure: no document, no state.
"use strict";
(() => {
  // items: {start, end, room}, half-open; `room` is the end of what must stay free behind the start, for its label.
  // Returns a lane for each, 0 nearest to the text. No two in a lane touch, and what contains another runs below it.
  standoff.lanes = items => {
    const order = items.map((_, i) => i).sort((a, b) =>
      items[a].end - items[a].start - (items[b].end - items[b].start) || items[a].start - items[b].start || a - b);
    const lanes = new Array(items.length).fill(0), placed = [];
    for (const i of order) {
      const one = items[i], end = Math.max(one.end, one.room);
      let lowest = 0;
      const taken = new Set();
      for (const j of placed) {
        const other = items[j], otherEnd = Math.max(other.end, other.room);
        if (one.start <= other.start && other.end <= one.end) lowest = Math.max(lowest, lanes[j] + 1);
        if (one.start <= otherEnd && other.start <= end) taken.add(lanes[j]);
      }
      while (taken.has(lowest)) lowest += 1;
      lanes[i] = lowest;
      placed.push(i);
    }
    return lanes;
  };

  // [start, end) cut at every position in `cuts` that lies in it.
  standoff.stretches = (start, end, cuts) => {
    const at = [start, ...[...new Set(cuts)].filter(cut => start < cut && cut < end).sort((a, b) => a - b), end];
    return at.slice(0, -1).map((low, i) => [low, at[i + 1]]);
  };
})();
