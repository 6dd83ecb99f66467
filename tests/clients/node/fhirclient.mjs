// node fhirclient.mjs ROOT APIKEY
import smart from 'fhirclient';
import Client from 'fhirclient/lib/Client.js';

const [serverUrl, apikey] = process.argv.slice(2);
const client = new (Client.default ?? Client)(smart({}, {}), { serverUrl });
const headers = { apikey };
const get = (url) => client.request({ url, headers });

const made = await client.create({ resourceType: 'Patient', name: [{ family: 'Smart' }] }, { headers });
const updated = await client.update({ ...made, gender: 'female' }, { headers });
const patch = [{ op: 'add', path: '/active', value: true }];
const patched = await client.patch(`Patient/${made.id}`, patch, { headers });
const read = await get(`Patient/${made.id}`);
const first = await get(`Patient/${made.id}/_history/1`);

// The client's own paging sends no headers of ours with the further pages.
const families = [];
for (let url = 'Patient?family=Library&_count=10'; url; ) {
  const page = await get(url);
  families.push(...page.entry.map((entry) => entry.resource.name[0].family));
  url = page.link.find((link) => link.relation === 'next')?.url;
}
const [observation] = await client.request({ url: 'Observation', headers }, { flat: true });
const resolved = { url: 'Observation/o', headers };
const { subject } = await client.request(resolved, { resolveReferences: 'subject' });
const referred = subject.id;
await client.delete(`Patient/${made.id}`, { headers });
const gone = await get(`Patient/${made.id}`).catch((error) => error.statusCode);
const told = { version: updated.meta.versionId, gender: read.gender, first: first.gender ?? null, families, gone };
console.log(JSON.stringify({ ...told, observation: observation.id, patched: patched.active, referred }));
