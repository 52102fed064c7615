// The page works without this: it opens what a bar points at, and opens or closes everything at once.
"use strict";
function reveal() {
  let place = document.getElementById(location.hash.slice(1));
  if (!place) return;
  const summary = place.querySelector("summary");
  for (let node = place; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  place.scrollIntoView({ block: "nearest" });
  if (summary) summary.focus({ preventScroll: true });
}
function all(open) {
  for (const node of document.querySelectorAll("main details")) node.open = open;
}
addEventListener("hashchange", reveal);
document.getElementById("open-all").addEventListener("click", () => all(true));
document.getElementById("close-all").addEventListener("click", () => all(false));
document.querySelector(".tools").hidden = false;
reveal();
