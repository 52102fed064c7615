// The page works without this: it opens what a link points at, opens or closes everything at once, and while the run
// goes on loads the page again, as long as nothing on it is open or in use.
"use strict";
const every = Number(document.body.dataset.renewedEvery);
const still = document.getElementById("still");
function reveal() {
  const place = document.getElementById(location.hash.slice(1));
  if (!place) return;
  const summary = place.querySelector("summary");
  for (let node = place; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  place.scrollIntoView({ block: "nearest" });
  if (summary) summary.focus({ preventScroll: true });
}
function all(open) {
  for (const node of document.querySelectorAll("main details")) node.open = open;
}
function renew() {
  const used = document.activeElement && document.activeElement !== document.body;
  if (document.hidden || still?.checked || used || document.querySelector("main details[open]")) return;
  location.reload();
}
addEventListener("hashchange", reveal);
document.getElementById("open-all").addEventListener("click", () => all(true));
document.getElementById("close-all").addEventListener("click", () => all(false));
for (const node of document.querySelectorAll(".tools")) node.hidden = false;
reveal();
if (every) setInterval(renew, 1000 * every);
