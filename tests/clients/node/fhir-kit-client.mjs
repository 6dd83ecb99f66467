// node fhir-kit-client.mjs ROOT APIKEY
import { Client } from 'fhir-kit-client';

const [baseUrl, apikey] = process.argv.slice(2);
const client = new Client({ baseUrl, customHeaders: { apikey } });

const resourceType = 'Patient';
const made = await client.create({ resourceType, body: { resourceType, name: [{ family: 'Kit' }] } });
const updated = await client.update({ resourceType, id: made.id, body: { ...made, gender: 'female' } });
const read = await client.read({ resourceType, id: made.id });
const first = await client.vread({ resourceType, id: made.id, version: '1' });

const families = [];
let page = await client.search({ resourceType, searchParams: { family: 'Library', _count: 10 } });
while (page) {
  families.push(...page.entry.map((entry) => entry.resource.name[0].family));
  page = await client.nextPage({ bundle: page });
}
await client.delete({ resourceType, id: made.id });
const gone = await client.read({ resourceType, id: made.id }).catch((error) => error.response.status);
const told = { version: updated.meta.versionId, gender: read.gender, first: first.gender ?? null, families, gone };
console.log(JSON.stringify(told));
