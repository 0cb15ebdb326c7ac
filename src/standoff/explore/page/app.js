// Which page is shown, keys, light and dark.
"use strict";
(() => {
  const { h } = standoff, main = document.getElementById("main"), dialog = document.getElementById("keys");
  let view = null, turn = 0;

  standoff.calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  standoff.address = (path, parameters) => (String(parameters) ? `${path}?${parameters}` : path);
  standoff.route = () => {
    const [path, query = ""] = location.hash.slice(1).split("?", 2);
    return { path: path || "/", parameters: new URLSearchParams(query) };
  };
  standoff.go = (path, parameters) => (location.hash = standoff.address(path, parameters));
  standoff.replace = (path, parameters, draw = false) => {
    history.replaceState(null, "", standoff.address(path, parameters));
    if (draw) show();
  };

  async function open({ path, parameters }) {
    if (path.startsWith("/d/")) return ["documents", await standoff.documentPage(decodeURIComponent(path.slice(3)), parameters)];
    if (path === "/statistics") return ["statistics", standoff.statisticsPage()];
    if (path === "/agreement") return ["agreement", standoff.agreementPage()];
    if (path === "/leaderboard") return ["leaderboard", await standoff.leaderboardPage(parameters)];
    return ["documents", await standoff.listPage(parameters)];
  }

  async function show() {
    const mine = ++turn, before = document.activeElement, typed = before?.id === "search" ? before : null;
    let page, next;
    try {
      [page, next] = await open(standoff.route());
    } catch (error) {
      [page, next] = ["", { holder: h("p", { class: "message" }, error.message) }];
    }
    if (mine !== turn) return;
    view = next;
    main.replaceChildren(view.holder);
    view.fit?.();
    for (const link of document.querySelectorAll("nav [data-page]")) {
      if (link.dataset.page === page) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const title = view.record ? view.record.title || view.record.id : page;
    document.title = [title, standoff.corpus.title].filter(Boolean).join(" · ");
    const search = document.getElementById("search");
    if (typed && search) {
      // What was typed while the search ran stays.
      search.value = typed.value;
      search.focus();
      search.setSelectionRange(typed.selectionStart, typed.selectionEnd);
    }
    if (before?.id === "label") document.getElementById("label")?.focus();
    view.redraw?.();
    view.arrive?.();
  }

  function paint() {
    const theme = standoff.recall("theme", null);
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    document.getElementById("theme").textContent = isDark() ? "☀" : "☾";
  }
  const isDark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  function flip() {
    standoff.remember("theme", isDark() ? "light" : "dark");
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    document.getElementById("theme").textContent = isDark() ? "☀" : "☾";
  }

  const KEYS = [
    ["j  k", "next and previous annotation, difference, or document"], ["Esc", "let go"], ["/", "search"], ["Enter", "open the document"],
    ["n  p", "next and previous document"], ["u", "back to the list"], ["1 … 9", "a layer on or off"], ["l", "names of labels on or off"], ["h  l", "in a list or a leaderboard: the page before and after"],
    ["c", "another annotator beside this one"], ["o", "only what differs"], ["d", "light or dark"], ["?", "these keys"],
  ];
  function help() {
    if (dialog.open) return dialog.close();
    dialog.replaceChildren(h("h2", {}, "Keys"), h("dl", {}, KEYS.map(([key, what]) => [h("dt", {}, key.split("  ").map(one => h("kbd", {}, one))), h("dd", {}, what)])), h("form", { method: "dialog" }, h("button", {}, "Close")));
    return dialog.showModal();
  }

  const inDocument = {
    n: () => standoff.turn(view.record.number, 1), p: () => standoff.turn(view.record.number, -1), u: () => standoff.go(standoff.backTo(), ""),
    l: () => view.names(), c: () => view.compare(), o: () => view.compared && view.quiet(), Escape: () => view.pin(null),
  };
  const anywhere = {
    j: () => view?.step?.(1), k: () => view?.step?.(-1), d: flip, "?": help,
    "/": async () => {
      if (!document.getElementById("search")) {
        standoff.replace("#/", "");
        await show();
      }
      document.getElementById("search")?.select();
    },
  };
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (dialog.open && event.key !== "?") return;
    const act = (view?.record && inDocument[event.key]) || anywhere[event.key]
      || (view?.page && { l: () => view.page(1), h: () => view.page(-1) }[event.key])
      || (view?.record && /^[1-9]$/u.test(event.key) && (() => view.toggle(Number(event.key) - 1)));
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.getElementById("theme").addEventListener("click", flip);
  document.getElementById("help").addEventListener("click", help);
  document.querySelector(".skip").addEventListener("click", event => {
    event.preventDefault();
    main.focus();
  });
  addEventListener("hashchange", () => {
    scrollTo(0, 0);
    show();
  });
  let pending;
  addEventListener("resize", () => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => view?.redraw?.());
  });

  // How high the box of a line of text is, in em: below it run the underlines.
  function measure() {
    const probe = h("span", { class: "ink probe" }, "Ág");
    const holder = h("div", { class: "sheet" }, h("p", {}, probe));
    document.body.append(holder);
    const ratio = probe.getBoundingClientRect().height / parseFloat(getComputedStyle(probe).fontSize);
    holder.remove();
    document.documentElement.style.setProperty("--ratio", ratio);
  }

  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  standoff.take.corpus = (_, corpus) => {
    standoff.prepare(corpus);
    document.querySelector(".brand").textContent = corpus.name;
    document.querySelector("nav [data-page=leaderboard]").hidden = !corpus.boards.length;
    measure();
    show();
  };
})();
