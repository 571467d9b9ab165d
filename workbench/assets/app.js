// Keyboard, focus, names for assistive technology, theme and copying. It only ever clicks real buttons of the page that
// are enabled and visible, so a shortcut can do nothing that the mouse could not.
(() => {
  "use strict";

  const reason = (place) => `.stage.review .reasons .wrap label:nth-of-type(${place})`;
  const KEYS = {
    1: ".stage .votes .vote-a", 2: ".stage .votes .vote-tie", 3: ".stage .votes .vote-bad", 4: ".stage .votes .vote-b",
    n: ".stage .foot .next, .gradio-container .stage .start-page .go", u: ".stage .foot .undo", b: ".stage .foot .back, .gradio-container .stage .start-page .look",
    5: reason(1), 6: reason(2), 7: reason(3), 8: reason(4), 9: reason(5), 0: reason(6), c: ".stage .foot .comment textarea", w: ".stage .foot .own-open",
    j: "#pair-bar #pair-next", k: "#pair-bar #pair-previous",
  };
  const LABELS = [
    [".stage .votes", "group", "Vote"],
    [".stage .pane-a > .block.answer", "region", "Answer A"],
    [".stage .pane-b > .block.answer", "region", "Answer B"],
    [".stage .stage-status .html-container", "status", null],
    [".stage .stage-count .html-container", "status", null],
  ];

  const all = (selector) => [...document.querySelectorAll(`.gradio-container ${selector}`)];
  const shown = (element) => Boolean(element && element.getClientRects().length);
  // Of several places that look alike (one on each tab), the one that is seen.
  const find = (selector) => {
    const places = all(selector);
    return places.find(shown) ?? places[0];
  };

  // ---- keys ----

  const typing = (target) => {
    if (!(target instanceof Element)) return false;
    if (target.closest("textarea, select, [contenteditable=''], [contenteditable=true], [role=listbox], [role=dialog]")) return true;
    const input = target.closest("input");
    return Boolean(input && !["checkbox", "radio", "button"].includes(input.type));
  };

  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    if (moveRadio(event) || typing(event.target)) return;
    const selector = KEYS[event.key.toLowerCase()];
    const button = selector && find(selector);
    if (!shown(button) || button.disabled) return;
    event.preventDefault();
    if (button.matches("textarea")) button.focus();
    else button.click();
  });

  // Gradio gives every option of a radio group its own name, so the browser does not move between them by itself.
  const moveRadio = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const radio = event.target instanceof Element && event.target.closest("fieldset input[type=radio]");
    if (!step || !radio) return false;
    const group = [...radio.closest("fieldset").querySelectorAll("input[type=radio]")];
    const next = group[(group.indexOf(radio) + step + group.length) % group.length];
    event.preventDefault();
    next.focus();
    next.click();
    return true;
  };

  // ---- what a stage waits for: where the focus goes ----

  const states = new WeakMap();
  const follow = () => {
    const stage = find(".stage");
    if (!shown(stage)) return;
    const now = stage.querySelector(".stage-status [data-state]")?.dataset.state ?? null;
    const before = states.get(stage) ?? null;
    if (now !== "voted") stage.removeAttribute("data-own");
    else if (stage.querySelector(".stage-status [data-done^=own]")) finishOwn(stage);
    if (now === before) return;
    states.set(stage, now);
    if (now === "writing" || (now === "ready" && before === "idle")) {
      for (const pane of stage.querySelectorAll(".pane")) delete pane.dataset.read;
      stage.querySelector(".panes")?.scrollTo({ left: 0 });
    }
    if (now === "writing" || (now === "ready" && before === "voted")) focus(".stage .pane-a > .block.answer");
    else if (now === "voted" || now === "failed") focus(".stage .foot .next");
    else if (now === "idle" && before !== null) focus(".stage .ask-text textarea");
  };

  // The editor of one's own answer: open until it is closed, saved or another battle begins.
  const openOwn = (stage) => {
    if (stage.toggleAttribute("data-own")) focus(".stage .own-text textarea");
    else focus(".stage .foot .own-open");
  };
  const finishOwn = (stage) => {
    const { done } = stage.querySelector(".stage-status [data-done]").dataset;
    if (handled.has(done)) return;
    handled.add(done);
    closeOwn(stage, ".stage .foot .next");
  };
  const handled = new Set();
  const closeOwn = (stage, next) => {
    if (!stage?.hasAttribute("data-own")) return false;
    stage.removeAttribute("data-own");
    focus(next);
    return true;
  };
  window.addEventListener("keydown", (event) => {
    const stage = event.target instanceof Element && event.target.closest(".stage[data-own]");
    if (!stage || event.isComposing) return;
    if (event.key === "Escape" && closeOwn(stage, ".stage .foot .own-open")) event.preventDefault();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest(".own-text")) {
      event.preventDefault();
      const text = event.target;
      text.dispatchEvent(new Event("input", { bubbles: true }));
      requestAnimationFrame(() => stage.querySelector(".own-save")?.click());
    }
  });

  // Where only one answer fits, the switch says which is seen and which has not been looked at yet.
  const sides = () => {
    const stage = find(".stage .switch")?.closest(".stage");
    const strip = stage?.querySelector(".panes");
    if (!shown(strip) || !shown(stage.querySelector(".sides"))) return;
    const middle = strip.getBoundingClientRect().left + strip.clientWidth / 2;
    for (const pane of strip.querySelectorAll(".pane")) {
      const box = pane.getBoundingClientRect();
      const seen = box.left <= middle && middle < box.right;
      if (seen) pane.dataset.read = "";
      const button = stage.querySelector(`.sides [data-pane=${pane.classList.contains("pane-a") ? "a" : "b"}]`);
      if (button && button.getAttribute("aria-pressed") !== String(seen)) button.setAttribute("aria-pressed", seen);
      if (button && ("unread" in button.dataset) === ("read" in pane.dataset)) button.toggleAttribute("data-unread", !("read" in pane.dataset));
    }
  };
  document.addEventListener("scroll", (event) => {
    if (event.target instanceof Element && event.target.matches(".panes")) sides();
  }, { capture: true, passive: true });
  const focus = (selector) => requestAnimationFrame(() => {
    const element = find(selector);
    if (!element) return;
    if (element.matches(".answer")) element.dataset.quiet = "";
    element.focus({ preventScroll: true });
  });

  // A pane that got the focus by itself shows no ring until somebody moves the focus by hand.
  window.addEventListener("keydown", (event) => {
    if (event.key === "Tab") for (const pane of document.querySelectorAll("[data-quiet]")) delete pane.dataset.quiet;
  });

  // Tables that are redrawn while a run goes on keep the focus on the same button, and the log keeps its state.
  let held = null;
  document.addEventListener("focusin", (event) => {
    held = event.target instanceof Element ? event.target.closest("[data-do]") : null;
  });
  const opened = new Map();
  document.addEventListener("toggle", (event) => {
    if (event.target.dataset?.keep) opened.set(event.target.dataset.keep, event.target.open);
  }, true);
  const restore = () => {
    if (held && !held.isConnected && document.activeElement === document.body) {
      const same = [...document.querySelectorAll("[data-do]")].find(
        (button) => button.dataset.do === held.dataset.do && button.dataset.name === held.dataset.name,
      );
      held = null;
      same?.focus({ preventScroll: true });
    }
    for (const box of document.querySelectorAll("details[data-keep]:not([open])")) {
      if (!opened.get(box.dataset.keep)) continue;
      box.open = true;
      const log = box.querySelector("pre");
      if (log) log.scrollTop = log.scrollHeight;
    }
  };

  // A press whose answer appears elsewhere on the page brings that place into view, once it has been drawn anew.
  const ANSWERS = { "template-show": "#template-text", "template-copy": "#template-text" };
  let goal = null;
  const expect = (button) => {
    const place = button.dataset.goto ?? ANSWERS[button.id];
    if (place) goal = { place, before: find(place)?.textContent ?? "", until: performance.now() + 8000 };
  };
  const arrive = () => {
    if (!goal) return;
    const place = find(goal.place);
    if (performance.now() > goal.until) goal = null;
    else if (shown(place) && place.textContent !== goal.before) {
      goal = null;
      const box = place.getBoundingClientRect();
      if (box.top < 52 || box.top > window.innerHeight - 160) place.scrollIntoView({ block: "start" });
    }
  };

  // ---- names and roles Gradio leaves out ----

  const name = () => {
    for (const [selector, role, label] of LABELS) for (const element of all(selector)) {
      if (element.getAttribute("role") === role) continue;
      element.setAttribute("role", role);
      if (label) element.setAttribute("aria-label", label);
      if (role === "region") element.tabIndex = 0;
    }
    for (const group of document.querySelectorAll("fieldset.block:not([aria-label])")) {
      const label = group.querySelector(":scope > span");
      if (!label) continue;
      group.setAttribute("aria-label", label.textContent.trim());
      group.setAttribute("role", group.querySelector("input[type=radio]") ? "radiogroup" : "group");
    }
    for (const [key, selector] of Object.entries(KEYS)) for (const button of all(selector)) {
      if (button.dataset.key) continue;
      button.dataset.key = key.toUpperCase();
      button.setAttribute("aria-keyshortcuts", key);
    }
    for (const text of document.querySelectorAll(".stage textarea:not([dir=auto])")) text.dir = "auto";
    // A button to a tab that this person's page does not have leads nowhere.
    for (const button of document.querySelectorAll("button[data-tab]:not([hidden])")) if (!tabOf(button.dataset.tab)) button.hidden = true;
    for (const box of document.querySelectorAll(".answer pre:not([tabindex]), .answer .maths:not([tabindex]), .chain:not([tabindex]), .md-table:not([tabindex])")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    }
  };

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      name();
      follow();
      sides();
      restore();
      arrive();
      dress();
    });
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-state", "data-done", "class"] });

  // ---- refusals ----

  // Gradio tells of an error only where the handler went through its queue; those of votes and filters do not, so what
  // their answer says is shown here. The text comes escaped, as Gradio would put it into its own notice.
  const tell = (text) => {
    let place = document.querySelector(".notices");
    if (!place) {
      place = document.createElement("div");
      place.className = "notices";
      document.body.append(place);
    }
    const notice = document.createElement("div");
    notice.className = "notice";
    notice.setAttribute("role", "alert");
    const words = document.createElement("p");
    words.className = "toast-message-text";
    words.textContent = new DOMParser().parseFromString(text, "text/html").documentElement.textContent;
    const close = document.createElement("button");
    close.type = "button";
    close.setAttribute("aria-label", "Close");
    close.textContent = "\u00d7";
    close.addEventListener("click", () => notice.remove());
    notice.append(words, close);
    place.replaceChildren(notice);
    setTimeout(() => notice.remove(), 10000);
  };

  const ask = window.fetch;
  window.fetch = async (...request) => {
    const response = await ask.apply(window, request);
    if (!response.ok && new URL(response.url, location.href).pathname.includes("/gradio_api/run/")) {
      response.clone().json().then(({ error, detail }) => {
        const said = error ?? detail;
        if (typeof said === "string") tell(said);
      }, () => {});
    }
    return response;
  };

  // ---- theme ----

  const dress = () => document.body?.classList.toggle("dark", document.documentElement.dataset.theme === "dark");

  const switchTheme = () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try { localStorage.setItem("workbench-theme", theme); } catch (error) { /* private window: not remembered */ }
    dress();
  };

  // ---- clicks on our own HTML ----

  const copy = async (text) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };

  const copied = (button) => {
    const source = button.dataset.copy === "code"
      ? button.parentElement.querySelector("pre")
      : button.closest(".pane")?.querySelector(".block.answer");
    if (!source) return;
    copy(source.innerText.trim()).then(() => {
      button.dataset.copied = "";
      setTimeout(() => delete button.dataset.copied, 1200);
    });
  };

  const begin = (button) => {
    const box = find(".stage .ask-text textarea");
    if (!box) return;
    box.value = button.dataset.example;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    requestAnimationFrame(() => find(".stage .ask .start")?.click());
  };

  const tabOf = (label) => {
    const tabs = [...document.querySelectorAll("#tabs .tab-container[role=tablist] button, #tabs .overflow-dropdown button")];
    return tabs.find((tab) => tab.textContent.trim() === label);
  };

  const openTab = (label) => tabOf(label)?.click();

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("button");
    if (!button) return;
    expect(button);
    if (button.matches(".own-open")) openOwn(button.closest(".stage"));
    else if (button.matches(".own-close")) closeOwn(button.closest(".stage"), ".stage .foot .own-open");
    else if ("themeSwitch" in button.dataset) switchTheme();
    else if ("copy" in button.dataset) copied(button);
    else if ("example" in button.dataset) begin(button);
    else if ("pane" in button.dataset) button.closest(".stage")?.querySelector(`.pane-${button.dataset.pane}`)?.scrollIntoView({ inline: "start", block: "nearest" });
    else if ("tab" in button.dataset) openTab(button.dataset.tab);
  });
})();
