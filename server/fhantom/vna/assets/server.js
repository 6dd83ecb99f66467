// Requests to the server of this page. The key is the browser's cookie where it has one; where a foreign frame keeps
// cookies away, it is a header, and known to this page only.

export const root = document.body.dataset.root;

let key = null;

export class KeyNeeded extends Error {}

export async function request(path, { accept, ...options } = {}) {
  const headers = { "X-Fhantom-Page": "1", Accept: accept ?? "application/json" };
  if (key) headers.apikey = key;
  const answer = await fetch(root + path, { ...options, headers });
  if (answer.status === 401 || answer.status === 403) throw new KeyNeeded(await message(answer));
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}: ${await message(answer)}`);
  return answer;
}

export async function json(path, options) {
  const answer = await request(path, { accept: "application/dicom+json, application/json;q=0.9", ...options });
  return answer.status === 204 ? [] : answer.json();
}

async function message(answer) {
  const text = await answer.text();
  try {
    const told = JSON.parse(text);
    return told.message ?? told.Details ?? told.Message ?? text;
  } catch {
    return text.slice(0, 200);
  }
}

// Lets the browser keep the key; where it may not, the page keeps it for as long as it is open.
export async function signIn(typed) {
  const answer = await fetch(`${root}/sign-in`, {
    method: "POST",
    headers: { "X-Fhantom-Page": "1", "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ key: typed }),
  });
  if (!answer.ok) throw new KeyNeeded("This key is not accepted.");
  key = typed;
}
