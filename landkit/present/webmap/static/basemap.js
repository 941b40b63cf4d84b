/* Tiles of a server under everything else; addresses come as base64, so that no text of them is read as a script. */
(function (lk) {
  'use strict';

  const MOST_ZOOM = 24;

  lk.Basemap = L.LayerGroup.extend({
    ready: Promise.resolve(),

    setOpacity: function (opacity) {
      this.opacity = opacity;
      this.eachLayer(tiles => tiles.setOpacity(opacity));
    }
  });

  lk.basemap = function (addresses, options) {
    const tiles = addresses.map(address => L.tileLayer(atob(address), {
      attribution: options.attribution, subdomains: options.subdomains, maxZoom: MOST_ZOOM, maxNativeZoom: options.most_zoom
    }));
    const group = new lk.Basemap(tiles);
    group.opacity = 1;
    group.description = { group: options.group };
    return group;
  };
})(window.landkit = window.landkit || {});
