// Comforts of the pages, all of which work without them: copying code, and making the request that the search shows.
"use strict";

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
    const words = button.firstChild;
    words.textContent = "Copied";
    setTimeout(() => { words.textContent = "Copy"; }, 1500);
  });
}

const kind = document.getElementById("kind");
if (kind) {
  kind.addEventListener("change", () => {
    const value = document.getElementById("value");
    value.placeholder = kind.selectedOptions[0].dataset.example;
    value.value = "";
    value.focus();
  });
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// What a person calls a resource: a name, what it is about, or nothing.
function wordsOf(resource) {
  const [name] = Array.isArray(resource.name) ? resource.name : [];
  if (typeof name === "object") return name.text ?? [...(name.given ?? []), name.family].filter(Boolean).join(" ");
  const code = resource.code?.text ?? resource.code?.coding?.[0]?.display;
  const words = resource.description ?? code ?? (typeof resource.name === "string" ? resource.name : null);
  const date = (resource.started ?? resource.effectiveDateTime ?? resource.issued)?.slice(0, 10);
  return typeof words === "string" ? [words, date].filter(Boolean).join(", ") : null;
}

// What of an answer has a page of its own here: entries of a Bundle, rows of a DICOM search.
function links(body, root, isR4) {
  if (Array.isArray(body)) {
    return body.filter((row) => row["0020000D"]).map((row) => {
      const uid = row["0020000D"].Value[0];
      const name = row["00100010"]?.Value?.[0]?.Alphabetic?.split("^").slice(0, 2).reverse().join(" ") ?? uid;
      const date = row["00080020"]?.Value?.[0]?.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3") ?? "no date";
      return [`${name}, ${date}`, `${root}/vna/viewer?StudyInstanceUIDs=${encodeURIComponent(uid)}`];
    });
  }
  const found = body?.resourceType === "Bundle" ? (body.entry ?? []).map((entry) => entry.resource) : [body];
  return found.filter((resource) => resource?.id && resource.resourceType !== "Bundle").map((resource) => {
    const reference = `${resource.resourceType}/${resource.id}`;
    return [wordsOf(resource) || reference, `${root}/${isR4 ? "r4" : "r5"}/${reference}`];
  });
}

const LONGEST = 200000;

async function ask(place) {
  const { target, accept, root } = place.dataset;
  const began = performance.now();
  const answer = await fetch(target, { headers: { Accept: accept, "X-Fhantom-Page": "1" } });
  const text = await answer.text();
  const took = Math.round(performance.now() - began);
  let shown = text;
  let found = [];
  try {
    const body = JSON.parse(text);
    shown = JSON.stringify(body, null, 2);
    found = answer.ok ? links(body, root, target.includes("/fhir-r4")) : [];
  } catch { /* not JSON: shown as it is */ }
  const size = new Intl.NumberFormat().format(text.length);
  place.replaceChildren(element("p", { class: "outcome" }, `${answer.status} ${answer.statusText}, ${size} characters in ${took} ms`));
  if (found.length) {
    const items = found.map(([words, address]) => element("li", {}, element("a", { href: address }, words)));
    place.append(element("ul", { class: "found" }, ...items));
  }
  const cut = shown.length > LONGEST ? `${shown.slice(0, LONGEST)}\n… cut off here` : shown;
  place.append(element("pre", { class: "json", tabindex: "0", "aria-label": "The answer" }, element("code", {}, cut)));
}

const place = document.getElementById("answer");
if (place) ask(place).catch((error) => { place.textContent = `The request failed: ${error.message}`; });
