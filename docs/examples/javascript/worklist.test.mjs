// fhantom exec --worlds per-key --key-prefix test- -- node --test docs/examples/javascript/
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";

const base = process.env.SIIM_BASE_URL;
let headers;

async function control(method, path, body) {
  const answer = await fetch(`${base}/_fhantom/${path}`, { method, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.status === 204 ? undefined : answer.json();
}

// A world of its own for each test: its key makes it, and its end removes it.
beforeEach(() => {
  headers = { apikey: `test-${randomUUID()}` };
});
afterEach(() => control("DELETE", `worlds?key=${headers.apikey}`));

async function patients() {
  const answer = await fetch(`${base}/fhir/Patient?_summary=count`, { headers });
  return (await answer.json()).total;
}

async function create() {
  const body = JSON.stringify({ resourceType: "Patient", name: [{ family: "Node" }] });
  const type = { "Content-Type": "application/fhir+json" };
  return fetch(`${base}/fhir/Patient`, { method: "POST", headers: { ...headers, ...type }, body });
}

for (const turn of [1, 2]) {
  test(`each test has a fresh world (${turn})`, async () => {
    const before = await patients();
    assert.equal((await create()).status, 201);
    assert.equal(await patients(), before + 1);
  });
}

test("a study can be asked for twice when the first answer is 429", async () => {
  const match = { path: "/dicomweb/*", key: headers.apikey };
  const action = { kind: "status", status: 429, headers: { "Retry-After": "0" } };
  await control("POST", "faults", { match, action, times: 1 });
  const statuses = [];
  for (const _ of [1, 2]) statuses.push((await fetch(`${base}/dicomweb/studies?limit=1`, { headers })).status);
  assert.deepEqual(statuses, [429, 200]);
});

test("the journal tells what was sent", async () => {
  await fetch(`${base}/dicomweb/studies?PatientID=nobody`, { headers });
  const found = await control("GET", `requests?key=${headers.apikey}`);
  assert.deepEqual(found.requests.map((entry) => entry.request.url), ["/dicomweb/studies?PatientID=nobody"]);
});

test("the data goes back to the seed", async () => {
  await create();
  const undone = await control("POST", `reset?only=data&key=${headers.apikey}`);
  assert.deepEqual(undone.removed, { versions: 1 });
});
