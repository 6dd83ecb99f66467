// node fhir-kit-client.mjs ROOT APIKEY
import { Client } from 'fhir-kit-client';

const [baseUrl, apikey] = process.argv.slice(2);
const client = new Client({ baseUrl, customHeaders: { apikey } });

const resourceType = 'Patient';
const made = await client.create({ resourceType, body: { resourceType, name: [{ family: 'Kit' }] } });
const id = made.id;
await client.update({ resourceType, id, body: { ...made, gender: 'male' } });
const jsonPatch = [{ op: 'replace', path: '/gender', value: 'female' }];
const patched = await client.patch({ resourceType, id, jsonPatch });
const read = await client.read({ resourceType, id });
const first = await client.vread({ resourceType, id, version: '1' });

const families = [];
let page = await client.search({ resourceType, searchParams: { family: 'Library', _count: 10 } });
let last = page;
while (page) {
  families.push(...page.entry.map((entry) => entry.resource.name[0].family));
  last = page;
  page = await client.nextPage({ bundle: page });
}
const before = await client.prevPage({ bundle: last });
const compartment = { resourceType, id: 'p1' };
const searchParams = { status: 'final' };
const within = await client
  .compartmentSearch({ resourceType: 'Observation', compartment, searchParams })
  .catch((error) => error.response.status); // HAPI has no such search
const ofPatient = await client.resourceSearch({ resourceType: 'Observation', searchParams: { patient: 'p1' } });
const entry = [{ request: { method: 'GET', url: `${resourceType}/${id}` } }];
const batch = await client.batch({ body: { resourceType: 'Bundle', type: 'batch', entry } });
const transaction = await client.transaction({ body: { resourceType: 'Bundle', type: 'transaction', entry } });
const everything = await client.operation({ name: '$everything', resourceType, id: 'p1', method: 'get' });
const subject = await client.resolve({ reference: ofPatient.entry[0].resource.subject.reference });
const capabilities = await client.capabilityStatement();
const history = await client.resourceHistory({ resourceType, id });

await client.delete({ resourceType, id });
const gone = await client.read({ resourceType, id }).catch((error) => error.response.status);
const told = {
  version: patched.meta.versionId,
  gender: read.gender,
  first: first.gender ?? null,
  families,
  gone,
  before: before.entry.length,
  within,
  ofPatient: ofPatient.entry.map((each) => each.resource.id),
  batch: batch.entry[0].response.status,
  transaction: transaction.entry[0].response.status,
  everything: everything.entry.map((each) => each.resource.resourceType).sort(),
  subject: subject.id,
  capabilities: capabilities.resourceType,
  history: history.entry.length,
};
console.log(JSON.stringify(told));
