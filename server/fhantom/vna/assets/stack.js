// One series as a stack of pictures that the server renders: which one is shown, and in which window.

import { json, request } from "./server.js";

const KEPT = 80;

// What is asked for of an object, by its SOP class; images, which are all others with rows, come as PNG or video.
const IMAGES = "image/png, image/jpeg;q=0.9, video/*;q=0.5";
const OTHERS = [
  ["1.2.840.10008.5.1.4.1.1.88.", "text/plain"], // reports
  ["1.2.840.10008.5.1.4.1.1.104.1", "application/pdf"],
  ["1.2.840.10008.5.1.4.1.1.9.", "image/png"], // waveforms, which the server draws
  ["1.2.840.10008.5.1.4.1.1.11.1", "image/png"], // presentation states
];
const acceptOf = (sopClass) => OTHERS.find(([prefix]) => sopClass.startsWith(prefix))?.[1] ?? null;

export const text = (record, tag) => {
  const value = record[tag]?.Value?.[0];
  return value?.Alphabetic ?? value ?? "";
};

export class Stack {
  constructor(study, series, instances) {
    this.frames = instances.flatMap((instance) => {
      const path = `/dicomweb/studies/${study}/series/${series}/instances/${instance.uid}`;
      const isImage = instance.frames > 0;
      const accept = isImage ? IMAGES : acceptOf(instance.sopClass);
      return Array.from({ length: Math.max(instance.frames, 1) }, (_, at) => ({ path, uid: instance.uid, number: at + 1, isImage, accept }));
    });
    this.at = 0;
    this.window = null;
    this.pictures = new Map();
  }

  static async open(study, series) {
    const base = `/dicomweb/studies/${encodeURIComponent(study)}/series/${encodeURIComponent(series)}`;
    const found = await json(`${base}/instances?includefield=00080016`);
    const instances = found.map((record) => ({
      uid: text(record, "00080018"),
      sopClass: text(record, "00080016"),
      number: Number(text(record, "00200013") || 0),
      frames: record["00280010"] ? Number(text(record, "00280008") || 1) : 0,
    }));
    instances.sort((a, b) => a.number - b.number);
    return new Stack(encodeURIComponent(study), encodeURIComponent(series), instances);
  }

  get frame() {
    return this.frames[this.at];
  }

  // The window that the file itself proposes, which dragging starts from.
  async proposed() {
    const [record] = await json(`${this.frame.path}/metadata`);
    const center = Number(record["00281050"]?.Value?.[0]);
    const width = Number(record["00281051"]?.Value?.[0]);
    if (Number.isFinite(center) && width > 0) return { center, width };
    const bits = Number(record["00280101"]?.Value?.[0] ?? 8);
    return Number(record["00280002"]?.Value?.[0] ?? 1) > 1 ? null : { center: 2 ** (bits - 1), width: 2 ** bits };
  }

  address(at = this.at) {
    const frame = this.frames[at];
    const place = frame.isImage ? `${frame.path}/frames/${frame.number}/rendered` : `${frame.path}/rendered`;
    if (!this.window || !frame.isImage) return place;
    const { center, width } = this.window;
    return `${place}?window=${round(center)},${round(width)},linear`;
  }

  // Resolves to { kind, ... } for what stands at a place; pictures that were shown are kept.
  picture(at = this.at) {
    const address = this.address(at);
    let found = this.pictures.get(address);
    if (!found) {
      found = fetched(address, this.frames[at].accept);
      found.catch(() => this.pictures.delete(address));
    }
    this.pictures.delete(address);
    this.pictures.set(address, found);
    if (this.pictures.size > KEPT) this.pictures.delete(this.pictures.keys().next().value);
    return found;
  }
}

const round = (value) => Math.round(value * 100) / 100;

async function fetched(address, accept) {
  if (!accept) return { kind: "text", address, text: "There is nothing to see of this object; its attributes can be read." };
  const answer = await request(address, { accept });
  const type = answer.headers.get("Content-Type").split(";")[0];
  if (type.startsWith("image/")) return { kind: "image", address, bitmap: await createImageBitmap(await answer.blob()) };
  if (type === "text/plain") return { kind: "text", address, text: await answer.text() };
  return { kind: type.startsWith("video/") ? "video" : "file", address, type, url: URL.createObjectURL(await answer.blob()) };
}
