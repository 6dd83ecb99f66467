// Every method of npm's dicomweb-client: node dicomweb-client.mjs ROOT APIKEY FILE STUDY SERIES INSTANCE
import { readFileSync } from 'node:fs';
import dicomweb from 'dicomweb-client';
import XMLHttpRequest from 'xhr2';

globalThis.XMLHttpRequest = XMLHttpRequest; // the client is written for browsers

const [url, apikey, file, studyInstanceUID, seriesInstanceUID, sopInstanceUID] = process.argv.slice(2);
const { DICOMwebClient } = dicomweb.api;
const called = new Set(['constructor']);
const client = new Proxy(new DICOMwebClient({ url, headers: { apikey } }), {
  get(target, name) {
    called.add(name);
    return target[name];
  },
});
const series = { studyInstanceUID, seriesInstanceUID };
const instance = { ...series, sopInstanceUID };
const content = readFileSync(file);
const datasets = [content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength)];

await client.storeInstances({ datasets });
const [study] = await client.searchForStudies({ queryParams: { StudyInstanceUID: studyInstanceUID } });
const [frame] = await client.retrieveInstanceFrames({ ...instance, frameNumbers: [1] });
const whole = await client.retrieveInstance(instance);

// The client answers every picture with an array of one buffer, whatever its documentation says.
async function picture(options) {
  const [buffer] = await client.retrieveInstanceRendered({ ...instance, ...options });
  return Buffer.from(buffer).subarray(0, 4).toString('latin1');
}
const pictures = {
  unasked: await picture({}),
  png: await picture({ mediaTypes: [{ mediaType: 'image/png' }] }),
  gif: await picture({ mediaTypes: [{ mediaType: 'image/gif' }] }),
  either: await picture({ mediaTypes: [{ mediaType: 'image/png' }, { mediaType: 'image/jpeg' }] }),
  windowed: await picture({ queryParams: { window: '8,16,linear', viewport: '20,20' } }),
};
const [thumbnail] = await client.retrieveInstanceThumbnail(instance);
const [frameThumbnail] = await client.retrieveInstanceFramesThumbnail({ ...instance, frameNumbers: [1] });
const [{ '7FE00010': pixels }] = await client.retrieveInstanceMetadata(instance);
const [bulk] = await client.retrieveBulkData({ BulkDataURI: pixels.BulkDataURI });
const wado = await fetch(client.buildInstanceWadoURIUrl(instance), { headers: { apikey } });
client.setDebug(client.getDebug());
client.setVerbose(client.getVerbose());
const jpeg = [{ mediaType: 'image/jpeg' }]; // without types it reads the picture as text
const [renderedFrame] = await client.retrieveInstanceFramesRendered({ ...instance, frameNumbers: [1], mediaTypes: jpeg });
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
    pictures,
    small: [thumbnail, renderedFrame, frameThumbnail].map((buffer) => Buffer.from(buffer)[1] === 0xd8),
    ofSeries: (await client.retrieveSeries(series)).length,
    studyMetadata: (await client.retrieveStudyMetadata({ studyInstanceUID })).length,
    bulk: [...new Uint8Array(bulk)],
    wado: Buffer.from(await wado.arrayBuffer()).subarray(128, 132).toString(),
    left: Object.getOwnPropertyNames(DICOMwebClient.prototype).filter((name) => name[0] !== '_' && !called.has(name)),
  }),
);
