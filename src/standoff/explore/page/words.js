// Search: words to documents, through the parts of the index that hold them. Folding is that of words.py.
"use strict";
(() => {
  const LONGEST = 40, SHARDS = 512;
  standoff.fold = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  standoff.words = text => [...new Set(standoff.fold(text).match(/[\p{L}\p{N}_]+/gu) || [])].map(word => [...word].slice(0, LONGEST).join(""));

  const numbers = gaps => {
    let at = -1;
    return gaps.map(gap => (at += gap));
  };

  // Documents that have a word that begins so; of one sign only, that very word.
  async function beginning(word) {
    const signs = [...word], shard = (signs[0].codePointAt(0) * 31 + (signs.length > 1 ? signs[1].codePointAt(0) : 0)) % SHARDS;
    const part = shard % standoff.corpus.wordParts;
    const index = await standoff.load("words", part, `data/words-${part}.js`);
    const found = new Set();
    for (const [key, gaps] of Object.entries(index)) if (signs.length > 1 ? key.startsWith(word) : key === word) for (const number of numbers(gaps)) found.add(number);
    return found;
  }

  async function labelled(label) {
    const place = standoff.corpus.labels.indexOf(label);
    return new Set(place < 0 ? [] : numbers(await standoff.load("label", place, `data/label-${place}.js`)));
  }

  // Numbers of the documents that have all words (each the beginning of one) and the label, rising; null: no condition.
  standoff.search = async (query, label) => {
    const conditions = await Promise.all([...standoff.words(query).map(beginning), ...(label ? [labelled(label)] : [])]);
    if (!conditions.length) return query.trim() ? [] : null;
    conditions.sort((a, b) => a.size - b.size);
    return [...conditions[0]].filter(number => conditions.every(set => set.has(number))).sort((a, b) => a - b);
  };

  // Stretches of a text, in code units, that begin as one of the words does.
  standoff.hits = (text, words) => {
    const found = [];
    for (const match of text.matchAll(/[\p{L}\p{N}\p{M}_]+/gu)) {
      const folded = standoff.fold(match[0]);
      if (words.some(word => folded.startsWith(word))) found.push([match.index, match.index + match[0].length]);
    }
    return found;
  };
})();
