// What an address of the viewer asks for: a study by its UID, or a resource by Orthanc's identifier.

import { json } from "./server.js";

const PLURALS = { patient: "patients", study: "studies", series: "series", instance: "instances" };

// Resolves to { study, series } by UID, or null for the list of studies.
export async function asked(location) {
  const query = new URLSearchParams(location.search);
  const uid = query.get("study") ?? query.get("StudyInstanceUIDs")?.split(",")[0];
  if (uid) return { study: uid, series: query.get("series") };
  if (query.get("series")) return byIdentifier("series", query.get("series"));
  const [level, rest] = location.hash.slice(1).split("?", 2);
  const identifier = new URLSearchParams(rest ?? "").get("uuid");
  return PLURALS[level] && identifier ? byIdentifier(level, identifier) : null;
}

async function byIdentifier(level, identifier) {
  const one = encodeURIComponent(identifier);
  if (level === "patient") {
    const studies = await json(`/vna/patients/${one}/studies`);
    return { study: studies[0].MainDicomTags.StudyInstanceUID, series: null };
  }
  const study = level === "study" ? await json(`/vna/studies/${one}`) : await json(`/vna/${PLURALS[level]}/${one}/study`);
  const series = level === "study" ? null : level === "series"
    ? await json(`/vna/series/${one}`) : await json(`/vna/instances/${one}/series`);
  return { study: study.MainDicomTags.StudyInstanceUID, series: series?.MainDicomTags.SeriesInstanceUID ?? null };
}
