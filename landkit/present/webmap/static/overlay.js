/* Overlays: polygons and lines with a fixed style, and labels that stay out of each other's way. */
(function (lk) {
  'use strict';

  const HATCH_OPACITY = 0.5;
  const LABEL_GAP = 3;

  lk.Overlay = lk.BlockLayer.extend({
    prepare: function () {
      this.style = this.description.style;
      this.inks = {};
      this.hasPoints = this.store.kinds.includes(lk.POINT);
    },

    rank: function () {
      return (this.description && this.description.below ? -1000 : 0) + (this.description ? this.description.place : 0);
    },

    zIndex: function (z) {
      return (this.description.below ? z.below : z.above) + this.description.place % 30;
    },

    reach: function () {
      return Math.max(this.hasPoints ? this.style.radius + 1 : 0, this.lineReach());
    },

    lineReach: function () {
      return this.style.arrow ? headLength(this.style) + this.style.weight : this.style.weight / 2;
    },

    appeared: function () {
      this.view.layers.sort((a, b) => b.rank() - a.rank());
      if (!this.labels) this.labels = new Labels(this);
      this.labels.addTo(this._map);
    },

    vanish: function () {
      if (this.labels) this.labels.remove();
    },

    colourOf: function (row, otherwise) {
      const column = this.description.colours;
      return column === null ? otherwise : this.store.columns[column].value(row) || otherwise;
    },

    inkOf: function (row) {
      const style = this.style, colour = this.colourOf(row, style.fill);
      if (!style.fillOpacity && !style.hatch) return null;
      if (!this.inks[colour]) {
        this.inks[colour] = style.hatch
          ? lk.hatchInk(colour, style.fillOpacity, colour, Math.max(HATCH_OPACITY, style.fillOpacity), style.hatch, lk.pixelRatio())
          : lk.solidInk(colour, style.fillOpacity);
      }
      return this.inks[colour];
    },

    paint: function (context, view, rows) {
      const all = Array.from(rows);
      if (this.style.fillOpacity || this.style.hatch) lk.paintAreas(context, this.store, rows, view, row => this.inkOf(row));
      if (this.style.weight && this.style.lineOpacity >= 1) this.paintStrokes(context, view, all);
      else if (this.style.weight) this.paintThrough(context, view, all);
      if (this.hasPoints) lk.paintPoints(context, this.store, all, view, row => this.colourOf(row, this.style.fill), this.style.radius);
    },

    /* Lines first whole on a sheet of their own, then through it: overlapping parts do not darken. */
    paintThrough: function (context, view, rows) {
      const sheet = document.createElement('canvas');
      sheet.width = sheet.height = view.size;
      this.paintStrokes(sheet.getContext('2d', { willReadFrequently: true }), view, rows);
      context.globalAlpha = this.style.lineOpacity;
      context.drawImage(sheet, 0, 0);
      context.globalAlpha = 1;
    },

    paintStrokes: function (context, view, rows) {
      byColour(rows, row => this.colourOf(row, this.style.colour)).forEach((some, colour) => {
        const style = { colour: colour, weight: this.style.weight, dash: this.style.dash };
        lk.paintLines(context, this.store, some, view, style);
        if (this.style.arrow) some.forEach(row => this.paintHeads(context, view, row, colour));
      });
    },

    paintHeads: function (context, view, row, colour) {
      if (!this.store.isLine(row)) return;
      const store = this.store, length = headLength(this.style) * view.ratio;
      for (let ring = store.ringStart[row]; ring < store.ringStart[row + 1]; ring++) {
        const last = store.vertexStart[ring + 1] - 1, tip = pointOf(store, last, view);
        let v = last - 1;
        while (v > store.vertexStart[ring] && apart(pointOf(store, v, view), tip) < length) v--;
        paintHead(context, tip, pointOf(store, v, view), length, colour);
      }
    }
  });

  function headLength(style) {
    return Math.max(10, style.weight * 1.7);
  }

  function byColour(rows, colourOf) {
    const groups = new Map();
    rows.forEach(function (row) {
      const colour = colourOf(row);
      if (!groups.has(colour)) groups.set(colour, []);
      groups.get(colour).push(row);
    });
    return groups;
  }

  function pointOf(store, vertex, view) {
    return [store.x[vertex] * view.scale - view.left, store.y[vertex] * view.scale - view.top];
  }

  function apart(a, b) {
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  }

  function paintHead(context, end, from, length, colour) {
    const gap = apart(end, from) || 1, dx = (end[0] - from[0]) / gap, dy = (end[1] - from[1]) / gap, half = length * 0.72;
    const base = [end[0] - dx * length * 0.1, end[1] - dy * length * 0.1];
    context.fillStyle = colour;
    context.beginPath();
    context.moveTo(end[0] + dx * length, end[1] + dy * length);
    context.lineTo(base[0] - dy * half, base[1] + dx * half);
    context.lineTo(base[0] + dy * half, base[1] - dx * half);
    context.fill();
  }

  /* Names on the map.  Each is placed once; at every zoom the less important ones that would touch another are hidden. */
  class Labels {
    constructor(overlay) {
      this.overlay = overlay;
      this.arrange = this.arrange.bind(this);
      const pane = overlay.view.pane('labels', 520);
      this.markers = overlay.description.labels.map(label => {
        const text = lk.element('span', 'lk-label', undefined, label[2]);
        text.style.color = overlay.style.colour;
        const icon = L.divIcon({ className: 'lk-label-place', html: text, iconSize: [0, 0] });
        const at = overlay.store.toLatLng(label[0], label[1]);
        return L.marker(at, { icon: icon, pane: pane, interactive: false, keyboard: false });
      });
    }

    addTo(map) {
      this.map = map;
      this.markers.forEach(marker => marker.addTo(map));
      map.on('zoomend', this.arrange);
      this.arrange();
    }

    remove() {
      this.map.off('zoomend', this.arrange);
      this.markers.forEach(marker => marker.remove());
      arrangeLabels(this.map);
    }

    arrange() {
      arrangeLabels(this.map);
    }
  }

  function arrangeLabels(map) {
    const taken = [];
    const all = Array.from(map.getContainer().querySelectorAll('.lk-label'));
    const boxes = all.map(label => label.getBoundingClientRect());
    all.forEach(function (label, k) {
      const box = boxes[k], free = taken.every(other => other.right + LABEL_GAP < box.left || other.left > box.right + LABEL_GAP ||
        other.bottom < box.top || other.top > box.bottom);
      label.classList.toggle('lk-crowded', !free);
      if (free) taken.push(box);
    });
  }

  lk.overlay = dataId => new lk.Overlay(dataId);
})(window.landkit = window.landkit || {});
