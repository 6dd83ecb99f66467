// Every kind of call of npm's dicomweb-client: node dicomweb-client.mjs ROOT APIKEY FILE STUDY SERIES INSTANCE
import { readFileSync } from 'node:fs';
import dicomweb from 'dicomweb-client';
import XMLHttpRequest from 'xhr2';

globalThis.XMLHttpRequest = XMLHttpRequest; // the client is written for browsers

const [url, apikey, file, studyInstanceUID, seriesInstanceUID, sopInstanceUID] = process.argv.slice(2);
const client = new dicomweb.api.DICOMwebClient({ url, headers: { apikey } });
const series = { studyInstanceUID, seriesInstanceUID };
const instance = { ...series, sopInstanceUID };
const content = readFileSync(file);
const datasets = [content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength)];

await client.storeInstances({ datasets });
const [study] = await client.searchForStudies({ queryParams: { StudyInstanceUID: studyInstanceUID } });
const [frame] = await client.retrieveInstanceFrames({ ...instance, frameNumbers: [1] });
const whole = await client.retrieveInstance(instance);
console.log(
  JSON.stringify({
    study: study['0020000D'].Value[0],
    nothing: await client.searchForStudies({ queryParams: { PatientID: 'nobody' } }),
    series: (await client.searchForSeries({ studyInstanceUID })).map((row) => row['0020000E'].Value[0]),
    instances: (await client.searchForInstances(series)).map((row) => row['00080018'].Value[0]),
    metadata: (await client.retrieveSeriesMetadata(series))[0]['00280010'].Value[0],
    instanceMetadata: (await client.retrieveInstanceMetadata(instance))[0]['00080018'].Value[0],
    whole: Buffer.from(whole).subarray(128, 132).toString(),
    ofStudy: (await client.retrieveStudy({ studyInstanceUID })).length,
    frame: [...new Uint8Array(frame)],
  }),
);
