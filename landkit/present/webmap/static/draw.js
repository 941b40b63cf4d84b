/* Painting a tile: areas by our own scanline filler (no hairlines, cheap at any number of shapes), lines and points by the canvas. */
(function (lk) {
  'use strict';

  const TILE = 256;
  const HATCH_PERIOD = 7;
  const SAME_PIXEL = 0.36;                             // squared distance below which a vertex is skipped

  /* ---------- ink: what a filled pixel gets ---------- */

  function parseColour(text) {
    const value = parseInt(text.slice(1), 16);
    return [value >> 16, value >> 8 & 255, value & 255];
  }

  function pixel(colour, opacity) {
    return (Math.round(opacity * 255) << 24 | colour[2] << 16 | colour[1] << 8 | colour[0]) >>> 0;
  }

  function solidInk(colour, opacity) {
    return { pixel: pixel(parseColour(colour), opacity), table: null, period: 0, slope: 1 };
  }

  /* Diagonal lines over a ground; the table holds one pixel per place across the hatch. */
  function hatchInk(ground, groundOpacity, line, lineOpacity, direction, ratio) {
    const period = Math.round(HATCH_PERIOD * ratio), table = new Uint32Array(period);
    const under = parseColour(ground), over = parseColour(line);
    for (let k = 0; k < period; k++) {
      const off = Math.min(k, period - k) / Math.SQRT2;
      const share = Math.max(0, Math.min(1, ratio * 0.55 + 0.5 - off));
      const opacity = groundOpacity * (1 - share) + lineOpacity * share;
      const mix = n => Math.round((under[n] * groundOpacity * (1 - share) + over[n] * lineOpacity * share) / (opacity || 1));
      table[k] = pixel([mix(0), mix(1), mix(2)], opacity);
    }
    return { pixel: pixel(over, Math.max(groundOpacity, lineOpacity)), table: table, period: period, slope: direction === '\\' ? -1 : 1 };
  }

  function paintRun(pixels, view, y, from, to, ink) {
    const start = y * view.size;
    if (!ink.table) {
      pixels.fill(ink.pixel, start + from, start + to);
      return;
    }
    const period = ink.period;
    let place = ((view.left + from + ink.slope * (view.top + y)) % period + period) % period;
    for (let x = from; x < to; x++) {
      pixels[start + x] = ink.table[place];
      if (++place === period) place = 0;
    }
  }

  /* ---------- areas ---------- */

  const crossings = [];
  for (let y = 0; y < 2 * TILE; y++) crossings.push([]);

  function addCrossings(view, ax, ay, bx, by) {
    if (ay === by) return;
    const slope = (bx - ax) / (by - ay);
    const first = Math.max(0, Math.ceil(Math.min(ay, by) - 0.5));
    const last = Math.min(view.size - 1, Math.ceil(Math.max(ay, by) - 0.5) - 1);
    if (first > last) return;
    for (let y = first; y <= last; y++) crossings[y].push(ax + (y + 0.5 - ay) * slope);
    if (first < view.firstRow) view.firstRow = first;
    if (last > view.lastRow) view.lastRow = last;
  }

  function collectCrossings(store, row, view) {
    const scale = view.scale, left = view.left, top = view.top;
    for (let ring = store.ringStart[row]; ring < store.ringStart[row + 1]; ring++) {
      const end = store.vertexStart[ring + 1];
      let ax = store.x[end - 1] * scale - left, ay = store.y[end - 1] * scale - top;
      for (let v = store.vertexStart[ring]; v < end; v++) {
        const bx = store.x[v] * scale - left, by = store.y[v] * scale - top;
        addCrossings(view, ax, ay, bx, by);
        ax = bx;
        ay = by;
      }
    }
  }

  function byNumber(a, b) {
    return a - b;
  }

  /* Even-odd fill of one row straight into the tile's pixels; says whether any pixel was inside. */
  function fillArea(pixels, store, row, view, ink) {
    let painted = false;
    view.firstRow = view.size;
    view.lastRow = -1;
    collectCrossings(store, row, view);
    for (let y = view.firstRow; y <= view.lastRow; y++) {
      const cuts = crossings[y].sort(byNumber);
      for (let k = 0; k + 1 < cuts.length; k += 2) {
        const from = Math.max(0, Math.ceil(cuts[k] - 0.5)), to = Math.min(view.size, Math.ceil(cuts[k + 1] - 0.5));
        if (to <= from) continue;
        paintRun(pixels, view, y, from, to, ink);
        painted = true;
      }
      cuts.length = 0;
    }
    return painted;
  }

  /* A shape of about one pixel still gets that pixel. */
  function fillSpeck(pixels, store, row, view, ink) {
    const box = 4 * row, boxes = store.boxes;
    const x = Math.floor((boxes[box] + boxes[box + 2]) / 2 * view.scale - view.left);
    const y = Math.floor((boxes[box + 1] + boxes[box + 3]) / 2 * view.scale - view.top);
    if (x >= 0 && y >= 0 && x < view.size && y < view.size) pixels[y * view.size + x] = ink.pixel;
  }

  function fillRow(pixels, store, row, view, ink) {
    const box = 4 * row, boxes = store.boxes;
    const tiny = (boxes[box + 2] - boxes[box]) * view.scale < 1.5 && (boxes[box + 3] - boxes[box + 1]) * view.scale < 1.5;
    if (tiny || !fillArea(pixels, store, row, view, ink)) fillSpeck(pixels, store, row, view, ink);
  }

  /* ---------- lines ---------- */

  /* The part of a segment inside the padded tile, as two shares of its length; null when outside. */
  function clip(ax, ay, bx, by, low, high) {
    if (ax >= low && ax <= high && ay >= low && ay <= high && bx >= low && bx <= high && by >= low && by <= high) return [0, 1];
    const dx = bx - ax, dy = by - ay, sides = [[-dx, ax - low], [dx, high - ax], [-dy, ay - low], [dy, high - ay]];
    let from = 0, to = 1;
    for (const side of sides) {
      const share = side[1] / side[0];
      if (side[0] === 0 && side[1] < 0) return null;
      if (side[0] < 0 && share > from) from = share;
      if (side[0] > 0 && share < to) to = share;
    }
    return from < to ? [from, to] : null;
  }

  /* Hand every stretch of a ring that touches the tile to `pen`: begin(x, y, length so far), then to(x, y). */
  function traceRing(store, ring, closed, view, pen) {
    const start = store.vertexStart[ring], end = store.vertexStart[ring + 1], last = closed ? end : end - 1;
    const low = -view.margin, high = view.size + view.margin;
    let ax = store.x[start] * view.scale - view.left, ay = store.y[start] * view.scale - view.top, length = 0, down = false;
    for (let v = start + 1; v <= last; v++) {
      const at = v === end ? start : v, bx = store.x[at] * view.scale - view.left, by = store.y[at] * view.scale - view.top;
      const square = (bx - ax) * (bx - ax) + (by - ay) * (by - ay);
      if (square < SAME_PIXEL && v < last) continue;
      const part = clip(ax, ay, bx, by, low, high), step = Math.sqrt(square);
      if (part && (!down || part[0] > 0)) pen.begin(ax + (bx - ax) * part[0], ay + (by - ay) * part[0], length + step * part[0]);
      if (part) pen.to(ax + (bx - ax) * part[1], ay + (by - ay) * part[1]);
      down = Boolean(part) && part[1] === 1;
      length += step;
      ax = bx;
      ay = by;
    }
  }

  function traceRow(store, row, view, pen) {
    for (let ring = store.ringStart[row]; ring < store.ringStart[row + 1]; ring++) {
      traceRing(store, ring, !store.isLine(row), view, pen);
    }
  }

  class PathPen {
    constructor() {
      this.path = new Path2D();
    }

    begin(x, y) {
      this.path.moveTo(x, y);
    }

    to(x, y) {
      this.path.lineTo(x, y);
    }
  }

  /* Dashes go on across tile edges: each stretch starts where the whole line would be in its pattern. */
  class DashPen {
    constructor(context, dash) {
      this.context = context;
      this.dash = dash;
      this.open = false;
    }

    begin(x, y, length) {
      this.end();
      this.context.setLineDash(this.dash);
      this.context.lineDashOffset = length;
      this.context.beginPath();
      this.context.moveTo(x, y);
      this.open = true;
    }

    to(x, y) {
      this.context.lineTo(x, y);
    }

    end() {
      if (this.open) this.context.stroke();
      this.open = false;
    }
  }

  /* Fill areas into one image and put it on the tile; `inkOf(row)` is null for rows that are not filled. */
  lk.paintAreas = function (context, store, rows, view, inkOf) {
    const image = context.createImageData(view.size, view.size), pixels = new Uint32Array(image.data.buffer);
    rows.forEach(function (row) {
      const ink = store.isArea(row) ? inkOf(row) : null;
      if (ink) fillRow(pixels, store, row, view, ink);
    });
    context.putImageData(image, 0, 0);
  };

  lk.paintLines = function (context, store, rows, view, style) {
    context.strokeStyle = style.colour;
    context.lineWidth = style.weight * view.ratio;
    context.lineJoin = 'round';
    context.lineCap = style.dash.length ? 'butt' : 'round';
    const pen = style.dash.length ? new DashPen(context, style.dash.map(length => length * view.ratio)) : new PathPen();
    rows.forEach(row => { if (!store.isPoint(row)) traceRow(store, row, view, pen); });
    if (style.dash.length) pen.end();
    else context.stroke(pen.path);
  };

  /* Points as discs with a light rim, so that those that touch are told apart. */
  lk.paintPoints = function (context, store, rows, view, colourOf, radius) {
    const size = radius * view.ratio;
    context.lineWidth = view.ratio;
    context.strokeStyle = '#ffffff';
    rows.forEach(function (row) {
      if (!store.isPoint(row)) return;
      context.fillStyle = colourOf(row);
      for (let v = store.firstVertex(row), end = store.firstVertex(row + 1); v < end; v++) {
        context.beginPath();
        context.arc(store.x[v] * view.scale - view.left, store.y[v] * view.scale - view.top, size, 0, 2 * Math.PI);
        context.fill();
        context.stroke();
      }
    });
  };

  lk.pixelRatio = () => Math.min(2, Math.max(1, Math.round(window.devicePixelRatio || 1)));
  lk.solidInk = solidInk;
  lk.hatchInk = hatchInk;
})(window.landkit = window.landkit || {});
