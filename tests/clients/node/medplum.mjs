// node medplum.mjs ROOT APIKEY
import { MedplumClient } from '@medplum/core';

const [root, apikey] = process.argv.slice(2);
const at = new URL(root);
const client = new MedplumClient({
  baseUrl: `${at.origin}/`,
  fhirUrlPath: at.pathname.slice(1),
  cacheTime: 0,
  fetch: (url, options) => fetch(url, { ...options, headers: { ...options?.headers, apikey } }),
});
const refused = (error) => error.outcome.issue[0].code;

const made = await client.createResource({ resourceType: 'Patient', name: [{ family: 'Plum' }] });
const updated = await client.updateResource({ ...made, gender: 'female' });
const read = await client.readResource('Patient', made.id);
const first = await client.readVersion('Patient', made.id, '1');
const patched = await client.patchResource('Patient', made.id, [{ op: 'add', path: '/active', value: true }]);
const history = await client.readHistory('Patient', made.id);
const known = await client.createResourceIfNoneExist({ resourceType: 'Patient' }, `_id=${made.id}`);
const entry = [{ request: { method: 'GET', url: `Patient/${made.id}` } }];
const batch = await client.executeBatch({ resourceType: 'Bundle', type: 'batch', entry });
const one = await client.searchOne('Patient', `_id=${made.id}`);
const everything = await client.readPatientEverything('p1');
const found = await client.searchResources('Patient', 'family=Library&_count=100');

// It asks for further pages at Patient?_getpages=..., which HAPI refuses.
const pages = client.searchResourcePages('Patient', 'family=Library&_count=10');
await pages.next();
const further = await pages.next().catch(refused);

await client.deleteResource('Patient', made.id);
const gone = await client.readResource('Patient', made.id).catch(refused);
const families = found.map((patient) => patient.name[0].family);
const told = { version: updated.meta.versionId, gender: read.gender, first: first.gender ?? null, families, gone };
const more = {
  patched: patched.active,
  history: history.entry.length,
  known: known.id === made.id,
  batch: batch.entry[0].response.status,
  one: one.id === made.id,
  everything: everything.entry.map((each) => each.resource.resourceType).sort(),
};
console.log(JSON.stringify({ ...told, further, ...more }));
