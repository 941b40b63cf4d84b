/* Canvas tiles of a layer: what waits to be painted, in which order, and on which part of the ground. */
(function (lk) {
  'use strict';

  const TILE = 256;
  const SLICE_MS = 24;

  /* Tiles of all layers wait in one queue; those nearest the middle of the screen are painted first. */
  const queue = { jobs: [], running: false };

  function enqueue(tile) {
    if (!queue.jobs.includes(tile)) queue.jobs.push(tile);
    if (!queue.running) {
      queue.running = true;
      setTimeout(work, 0);
    }
  }

  function work() {
    const stop = performance.now() + SLICE_MS;
    while (queue.jobs.length && performance.now() < stop) finish(nearestJob());
    queue.running = queue.jobs.length > 0;
    if (queue.running) setTimeout(work, 0);
  }

  function nearestJob() {
    let best = 0, least = Infinity;
    queue.jobs.forEach(function (tile, k) {
      const off = tile.landkit.painter.offCentre(tile.landkit.coords);
      if (off < least) {
        least = off;
        best = k;
      }
    });
    return queue.jobs.splice(best, 1)[0];
  }

  function finish(tile) {
    const job = tile.landkit;
    if (job.dropped || !job.painter._map) return;
    job.painter.paint(tile);
    if (job.done) {
      const done = job.done;
      job.done = null;
      done(null, tile);
    }
  }

  lk.TilePainter = L.GridLayer.extend({
    options: { updateWhenZooming: false, keepBuffer: 1, noWrap: true, minZoom: 0, maxZoom: 24 },

    initialize: function (layer, options) {
      L.setOptions(this, options);
      this.layer = layer;
      this.on('tileunload', event => { event.tile.landkit.dropped = true; });
    },

    createTile: function (coords, done) {
      const tile = L.DomUtil.create('canvas', 'leaflet-tile');
      tile.landkit = { painter: this, coords: coords, done: done, dropped: false };
      enqueue(tile);
      return tile;
    },

    repaint: function () {
      Object.keys(this._tiles).forEach(key => enqueue(this._tiles[key].el));
    },

    offCentre: function (coords) {
      if (!this._map) return -1;
      const centre = this._map.project(this._map.getCenter(), coords.z).divideBy(TILE);
      return Math.abs(coords.x + 0.5 - centre.x) + Math.abs(coords.y + 0.5 - centre.y);
    },

    paint: function (tile) {
      const coords = tile.landkit.coords, ratio = lk.pixelRatio(), size = TILE * ratio, store = this.layer.store;
      const view = {
        size: size, ratio: ratio, scale: size * Math.pow(2, coords.z) / store.size,
        left: coords.x * size, top: coords.y * size, margin: this.layer.reach() * ratio + 2
      };
      const near = (at, extra) => (at + extra) / view.scale, m = view.margin;
      const found = store.query(near(view.left, -m), near(view.top, -m), near(view.left, size + m), near(view.top, size + m));
      tile.width = tile.height = found ? size : 1;       // also clears the tile
      if (!found) return;
      const context = tile.getContext('2d', { willReadFrequently: true });   // keeps it off a software GPU
      this.layer.paint(context, view, store.hits.slice(0, found));
    }
  });

  lk.isPainting = () => queue.running;
})(window.landkit = window.landkit || {});
