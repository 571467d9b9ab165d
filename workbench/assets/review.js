// Review: the next battle comes with the answer to a press. It is shown from its top, and a press before it came, or just
// after, was meant for the one before and does nothing.
(() => {
  "use strict";

  const SETTLE_MS = 300;
  const LOST_MS = 3000;
  let known = null;

  const stage = () => document.querySelector(".gradio-container .stage.review");
  const read = () => {
    const pane = stage()?.querySelector(".pane-a > .block.answer");
    if (!pane) return;
    pane.dataset.quiet = "";
    pane.focus({ preventScroll: true });
  };

  const follow = () => {
    const here = stage();
    const mark = here?.querySelector("[data-step]");
    if (!mark || mark.dataset.step === known?.step) return;
    known = { step: mark.dataset.step, shown: performance.now(), pressed: -Infinity };
    if (mark.dataset.state !== "ready") return;
    for (const pane of here.querySelectorAll(".pane")) {
      delete pane.dataset.read;
      pane.querySelector(".block.answer")?.scrollTo({ top: 0 });
    }
    here.querySelector(".panes")?.scrollTo({ left: 0 });
    here.querySelector(".review-prompt")?.scrollTo({ top: 0 });
    requestAnimationFrame(read);
  };

  new MutationObserver(follow).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-step"],
  });

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest(".stage.review .foot button");
    if (!button || !known) return;
    const now = performance.now();
    if (now - known.shown < SETTLE_MS || now - known.pressed < LOST_MS) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else known.pressed = now;
  }, true);

  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target instanceof Element && event.target.closest(".stage.review .comment")) read();
  });
})();
