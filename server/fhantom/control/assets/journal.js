// Follows the journal: asks every two seconds for what came in since, as rows that the server has written and escaped.
"use strict";

const entries = document.getElementById("entries");
const pause = document.getElementById("pause");
const MOST = 300;
let paused = false;

async function follow() {
  if (paused || document.hidden) return;
  const query = new URLSearchParams(location.search);
  query.set("after", entries.dataset.newest);
  const answer = await fetch(`${location.pathname.replace(/\/$/, "")}/rows?${query}`);
  if (!answer.ok) throw new Error(String(answer.status));
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("section");
  entries.dataset.newest = found.dataset.newest;
  const fresh = [...found.querySelectorAll("article")];
  for (const old of fresh.length ? entries.querySelectorAll(".new") : []) old.classList.remove("new");
  for (const article of fresh) article.classList.add("new");
  entries.prepend(...fresh);
  for (const old of [...entries.children].slice(MOST)) old.remove();
  document.getElementById("none").hidden = entries.children.length > 0;
  document.getElementById("following").textContent = `following, ${entries.children.length} of ${found.dataset.held} requests`;
}

async function again() {
  try {
    await follow();
  } catch {
    document.getElementById("following").textContent = "the server does not answer; trying again";
  }
  setTimeout(again, 2000);
}

if (entries) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Follow" : "Pause";
    if (paused) document.getElementById("following").textContent = "paused";
  });
  again();
}
