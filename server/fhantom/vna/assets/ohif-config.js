// What OHIF needs to know of this server. A classic script, run before OHIF's own.

(() => {
  const MARK = "X-Fhantom-Page"; // lets the browser's cookie count for calls of this page

  // Without a good key nothing can be shown: sign in, or in a foreign frame, which gets no cookie, take the small
  // viewer, which asks for a key by itself.
  const asking = new XMLHttpRequest();
  asking.open("GET", "/vna/system", false);
  asking.setRequestHeader(MARK, "1");
  asking.send();
  if (asking.status === 401 || asking.status === 403) {
    const framed = window.top !== window;
    const here = location.pathname + location.search;
    location.replace(framed ? `/vna/small${location.search}` : `/sign-in?next=${encodeURIComponent(here)}`);
  }

  const isOwn = (url) => new URL(url, location.href).origin === location.origin;

  const send = XMLHttpRequest.prototype.send;
  const open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.isOwn = isOwn(url);
    return open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (this.isOwn) this.setRequestHeader(MARK, "1");
    return send.call(this, body);
  };

  const fetched = window.fetch;
  window.fetch = (resource, options) => {
    const request = new Request(resource, options);
    if (isOwn(request.url)) request.headers.set(MARK, "1");
    return fetched(request);
  };

  // A player asks for its address by itself and without the mark: it gets the bytes that a marked call has fetched.
  const { get, set } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "src");
  const wanted = new WeakMap();
  const play = (player, address) => {
    if (player.src.startsWith("blob:")) URL.revokeObjectURL(player.src);
    set.call(player, address);
  };
  Object.defineProperty(HTMLMediaElement.prototype, "src", {
    configurable: true,
    enumerable: true,
    get,
    set(address) {
      wanted.set(this, address);
      if (!address || !/^https?:/.test(new URL(address, location.href).protocol) || !isOwn(address)) {
        play(this, address);
        return;
      }
      window.fetch(address)
        .then((answer) => (answer.ok ? answer.blob() : Promise.reject(new Error(`${answer.status} for ${address}`))))
        .then((video) => wanted.get(this) === address && play(this, URL.createObjectURL(video)))
        .catch((error) => {
          console.warn(error);
          play(this, address); // which tells the player that it failed
        });
    },
  });
})();

window.config = {
  name: "fhantom",
  routerBasename: "/vna",
  extensions: [],
  modes: [],
  customizationService: { "ohif.tours": { $set: [] } }, // no tour in front of the images
  showStudyList: true,
  maxNumberOfWebWorkers: 3,
  showWarningMessageForCrossOrigin: false,
  showCPUFallbackMessage: false,
  showLoadingIndicator: true,
  strictZSpacingForVolumeViewport: true,
  groupEnabledModesFirst: true,
  showErrorDetails: "always",
  investigationalUseDialog: { option: "never" },
  maxNumRequests: { interaction: 100, thumbnail: 5, prefetch: 25 },
  defaultDataSourceName: "fhantom",
  dataSources: [
    {
      namespace: "@ohif/extension-default.dataSourcesModule.dicomweb",
      sourceName: "fhantom",
      configuration: {
        friendlyName: "fhantom",
        name: "fhantom",
        qidoRoot: "/dicomweb",
        wadoRoot: "/dicomweb",
        wadoUriRoot: "/wadouri",
        qidoSupportsIncludeField: true,
        imageRendering: "wadors",
        thumbnailRendering: "wadors",
        enableStudyLazyLoad: true,
        supportsFuzzyMatching: true,
        supportsWildcard: true,
        supportsReject: false,
        dicomUploadEnabled: true,
        // Not "pdf": as an address of its own it would be asked for without the mark.
        singlepart: "bulkdata",
        bulkDataURI: { enabled: true },
        omitQuotationForMultipartRequest: true,
      },
    },
  ],
  httpErrorHandler: (error) => console.warn(error),
};
