// The viewer: a list of studies, or one study with its series, pictures and attributes.

import { asked } from "./address.js";
import { KeyNeeded, json, request, root, signIn } from "./server.js";
import { Stack, text } from "./stack.js";

const $ = (id) => document.getElementById(id);
const PER_PAGE = 50;

let stack = null;
let drawing = 0;

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  Object.assign(made, properties);
  made.append(...children);
  return made;
}

// As it is spoken: prefix, given, middle, family, suffix (PS3.5 6.2.1.1).
const nameOf = (record) => {
  const [family, given, middle, prefix, suffix] = text(record, "00100010").split("^");
  return [prefix, given, middle, family, suffix].filter((part) => part?.trim()).join(" ") || "(no name)";
};
const dateOf = (record) => text(record, "00080020").replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");
const say = (words) => { $("message").textContent = words; };

function show(part) {
  for (const id of ["signing", "list", "view"]) $(id).hidden = id !== part;
}

// Runs something that loads; asks for a key if one is needed, and then runs it again.
async function load(work) {
  try {
    say("");
    await work();
  } catch (error) {
    if (!(error instanceof KeyNeeded)) {
      say(error.message);
      console.warn(error);
      return;
    }
    show("signing");
    $("key").focus();
    $("sign-in").onsubmit = async (event) => {
      event.preventDefault();
      try {
        await signIn($("key").value.trim());
      } catch (refused) {
        say(refused.message);
        return;
      }
      await load(work);
    };
  }
}

// --- the list of studies

async function list(offset = 0) {
  const words = $("name").value.trim().split(/\s+/).filter(Boolean);
  const name = words.length ? `&PatientName=${encodeURIComponent(`*${words.join("*")}*`)}` : "";
  const fields = "includefield=00081030";
  const found = await json(`/dicomweb/studies?${fields}&limit=${PER_PAGE}&offset=${offset}${name}`);
  show("list");
  const items = found.map((record) => {
    const address = `${root}/vna/viewer?study=${encodeURIComponent(text(record, "0020000D"))}`;
    const modalities = (record["00080061"]?.Value ?? []).join(", ");
    const count = Number(text(record, "00201208"));
    const images = count === 1 ? "1 instance" : `${count} instances`;
    return element("li", {}, element("a", { href: address },
      element("b", {}, nameOf(record)), element("span", {}, dateOf(record) || "no date"),
      element("span", {}, text(record, "00081030") || "no description"), element("span", {}, modalities), element("span", {}, images)));
  });
  if (!offset) $("studies").replaceChildren();
  $("studies").append(...items);
  $("more").hidden = found.length < PER_PAGE;
  $("more").onclick = () => load(() => list(offset + PER_PAGE));
  if (!offset && !found.length) say(name ? "No study of that name." : "No images are stored.");
}

$("find").addEventListener("submit", (event) => {
  event.preventDefault();
  load(() => list());
});

// --- one study

async function open({ study, series }) {
  const uid = encodeURIComponent(study);
  const [[record], found] = await Promise.all([
    json(`/dicomweb/studies?StudyInstanceUID=${uid}&includefield=00081030`),
    json(`/dicomweb/studies/${uid}/series`),
  ]);
  if (!record) throw new Error(`There is no study ${study}.`);
  show("view");
  const title = [nameOf(record), text(record, "00081030"), dateOf(record)].filter(Boolean).join(" · ");
  $("title").textContent = title;
  document.title = `${title} · fhantom`;
  found.sort((a, b) => Number(text(a, "00200011") || 0) - Number(text(b, "00200011") || 0));
  $("series").replaceChildren(...found.map((one) => seriesItem(study, one)));
  const wanted = found.find((one) => text(one, "0020000E") === series) ?? found[0];
  await choose(study, text(wanted, "0020000E"));
}

function seriesItem(study, record) {
  const uid = text(record, "0020000E");
  const picture = element("img", { alt: "" });
  const count = `${text(record, "00201209")} ${text(record, "00080060")}`;
  const button = element("button", { type: "button" }, picture,
    element("span", {}, text(record, "0008103E") || `Series ${text(record, "00200011")}`), element("small", {}, count));
  button.dataset.uid = uid;
  button.addEventListener("click", () => load(() => choose(study, uid)));
  const address = `/dicomweb/studies/${encodeURIComponent(study)}/series/${encodeURIComponent(uid)}/thumbnail`;
  request(address, { accept: "image/png, image/jpeg" }).then(async (answer) => {
    picture.src = URL.createObjectURL(await answer.blob());
  }).catch((error) => console.warn(error.message));
  return element("li", {}, button);
}

async function choose(study, uid) {
  for (const button of $("series").querySelectorAll("button")) {
    if (button.dataset.uid === uid) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  stack = await Stack.open(study, uid);
  $("slider").max = stack.frames.length;
  if (stack.frame?.isImage) stack.window = await stack.proposed();
  await draw();
}

async function draw() {
  const turn = ++drawing;
  const shown = stack;
  const { at } = shown;
  const count = shown.frames.length;
  const picture = await shown.picture(at);
  if (turn !== drawing) return; // something newer is being drawn
  const isImage = picture.kind === "image";
  $("screen").hidden = !isImage;
  $("document").hidden = isImage;
  $("reset").hidden = !shown.window;
  if (isImage) paint(picture, `Image ${at + 1} of ${count}`);
  else present(picture);
  $("slider").value = at + 1;
  $("position").textContent = `${at + 1} / ${count}`;
  const window = shown.frame.isImage && shown.window;
  $("window").textContent = window ? `C ${Math.round(window.center)} W ${Math.round(window.width)}` : "–";
  $("corner").textContent = count > 1 ? `${at + 1} / ${count}` : "";
  for (const next of [at + 1, at - 1, at + 2]) if (shown.frames[next]?.isImage) shown.picture(next).catch(() => {});
  if ($("tags").open) describe();
}

function paint({ bitmap, address }, words) {
  const canvas = $("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  canvas.dataset.address = address;
  $("screen").setAttribute("aria-label", words);
}

function present(picture) {
  const place = $("document");
  if (picture.kind === "text") place.textContent = picture.text;
  else if (picture.kind === "video") place.replaceChildren(element("video", { src: picture.url, controls: true, loop: true, muted: true }));
  else place.replaceChildren(element("a", { href: picture.url, target: "_blank", rel: "noopener" }, `Open the document (${picture.type})`));
}

async function describe() {
  const { uid } = stack.frame;
  const answer = await request("/vna/tools/lookup", { method: "POST", body: uid });
  const instance = (await answer.json()).find((one) => one.Type === "Instance");
  const tags = await json(`/vna/instances/${instance.ID}/simplified-tags`);
  const rows = Object.entries(tags).flatMap(([name, value]) => {
    const words = value === null ? "(not text)" : Array.isArray(value) ? `${value.length} items` : value;
    return [element("dt", {}, name), element("dd", {}, words || "–")];
  });
  $("attributes").replaceChildren(...rows);
}

function scroll(steps) {
  if (!stack) return;
  const at = Math.min(Math.max(stack.at + steps, 0), stack.frames.length - 1);
  if (at === stack.at) return;
  stack.at = at;
  load(draw);
}

async function reset() {
  stack.window = await stack.proposed();
  await draw();
}

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

$("screen").addEventListener("keydown", (event) => {
  if (event.key === "r" || event.key === "R") load(reset);
  else if (event.key in STEPS) {
    scroll(STEPS[event.key]);
    event.preventDefault();
  }
});
$("screen").addEventListener("wheel", (event) => {
  event.preventDefault();
  scroll(Math.sign(event.deltaY));
}, { passive: false });
$("slider").addEventListener("input", () => scroll(Number($("slider").value) - 1 - stack.at));
$("reset").addEventListener("click", () => load(reset));
$("tags").addEventListener("toggle", () => { if ($("tags").open && stack) load(describe); });

// Dragging to the right widens the window, dragging down lowers its centre, as in other viewers.
let drag = null;
$("screen").addEventListener("pointerdown", (event) => {
  if (!stack?.window || event.button !== 0) return;
  drag = { x: event.clientX, y: event.clientY, ...stack.window };
  $("screen").setPointerCapture(event.pointerId);
});
$("screen").addEventListener("pointermove", (event) => {
  if (!drag) return;
  const step = Math.max(drag.width / 300, 0.5);
  stack.window = {
    width: Math.max(drag.width + (event.clientX - drag.x) * step, 1),
    center: drag.center + (event.clientY - drag.y) * step,
  };
  load(draw);
});
for (const end of ["pointerup", "pointercancel"]) $("screen").addEventListener(end, () => { drag = null; });

async function start() {
  const wanted = await asked(location);
  await (wanted ? open(wanted) : list());
}

window.addEventListener("hashchange", () => load(start));
load(start);
