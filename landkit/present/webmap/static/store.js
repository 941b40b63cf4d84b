/* Shapes of one layer in typed arrays, their index, and questions about them.  Units: steps of the block's grid. */
(function (lk) {
  'use strict';

  const RUN = 64;                                      // rows per index box; parcels come in Hilbert order
  const FAR = 2147483647;
  const LINE = 1, POINT = 2;
  const MOST_SIZES = 20000;                            // rows looked at for the typical size

  class Store {
    constructor(block) {
      this.rows = block.header.rows;
      this.size = Math.pow(2, block.header.bits);
      this.kinds = block.ints(0);
      this.ringStart = block.starts(1);
      this.vertexStart = block.starts(2);
      [this.x, this.y] = block.vertices(3, 4, 5);
      this.columns = block.columns;
      this.hits = new Uint32Array(this.rows);
      this.measureBoxes();
    }

    measureBoxes() {
      this.boxes = new Int32Array(this.rows * 4);
      this.runBoxes = emptyBoxes(Math.ceil(this.rows / RUN));
      for (let row = 0; row < this.rows; row++) {
        this.measureBox(row);
        widen(this.runBoxes, 4 * Math.floor(row / RUN), this.boxes, 4 * row);
      }
      this.typicalSize = this.measureSize();
    }

    /* Side of a middling row, from rows spread over the whole layer. */
    measureSize() {
      const step = Math.max(1, Math.floor(this.rows / MOST_SIZES)), sizes = [];
      for (let row = 0; row < this.rows; row += step) {
        const box = 4 * row, boxes = this.boxes;
        sizes.push(Math.sqrt((boxes[box + 2] - boxes[box]) * (boxes[box + 3] - boxes[box + 1])));
      }
      sizes.sort((a, b) => a - b);
      return sizes[sizes.length >> 1] || 1;
    }

    measureBox(row) {
      const boxes = this.boxes, box = 4 * row;
      let west = FAR, north = FAR, east = -FAR, south = -FAR;
      for (let v = this.firstVertex(row), end = this.firstVertex(row + 1); v < end; v++) {
        const x = this.x[v], y = this.y[v];
        if (x < west) west = x;
        if (x > east) east = x;
        if (y < north) north = y;
        if (y > south) south = y;
      }
      boxes[box] = west;
      boxes[box + 1] = north;
      boxes[box + 2] = east;
      boxes[box + 3] = south;
    }

    firstVertex(row) {
      return this.vertexStart[this.ringStart[row]];
    }

    vertexCount(row) {
      return this.firstVertex(row + 1) - this.firstVertex(row);
    }

    isLine(row) {
      return this.kinds[row] === LINE;
    }

    isPoint(row) {
      return this.kinds[row] === POINT;
    }

    isArea(row) {
      return this.kinds[row] === 0;
    }

    /* Rows whose box meets a box go into this.hits; the answer is how many. */
    query(west, north, east, south) {
      let found = 0;
      for (let run = 0; run * RUN < this.rows; run++) {
        if (!meets(this.runBoxes, 4 * run, west, north, east, south)) continue;
        for (let row = run * RUN, end = Math.min(this.rows, row + RUN); row < end; row++) {
          if (meets(this.boxes, 4 * row, west, north, east, south)) this.hits[found++] = row;
        }
      }
      return found;
    }

    /* Rows at a point, the last drawn first: areas that hold it, lines and points nearer than `reach`. */
    at(point, reach, wanted) {
      const x = point[0], y = point[1], rows = [];
      for (let k = this.query(x - reach, y - reach, x + reach, y + reach) - 1; k >= 0; k--) {
        const row = this.hits[k];
        if (wanted(row) && (this.isArea(row) ? this.holds(row, x, y) : this.isNear(row, x, y, reach))) rows.push(row);
      }
      return rows;
    }

    /* Even-odd over all rings: holes and separate parts need no special care. */
    holds(row, x, y) {
      let inside = false;
      for (let ring = this.ringStart[row]; ring < this.ringStart[row + 1]; ring++) {
        const end = this.vertexStart[ring + 1];
        for (let v = this.vertexStart[ring], w = end - 1; v < end; w = v++) {
          if (this.y[v] > y === this.y[w] > y) continue;
          if (x < (this.x[w] - this.x[v]) * (y - this.y[v]) / (this.y[w] - this.y[v]) + this.x[v]) inside = !inside;
        }
      }
      return inside;
    }

    isNear(row, x, y, reach) {
      for (let ring = this.ringStart[row]; ring < this.ringStart[row + 1]; ring++) {
        const start = this.vertexStart[ring], step = this.isPoint(row) ? 0 : 1;
        for (let v = start + step; v < this.vertexStart[ring + 1]; v++) {
          if (distance(x, y, this.x[v - step], this.y[v - step], this.x[v], this.y[v]) <= reach) return true;
        }
      }
      return false;
    }

    toLatLng(x, y) {
      return [Math.atan(Math.sinh(Math.PI * (1 - 2 * y / this.size))) * 180 / Math.PI, x / this.size * 360 - 180];
    }

    fromLatLng(latlng) {
      const latitude = latlng.lat * Math.PI / 180;
      return [(latlng.lng + 180) / 360 * this.size, (1 - Math.asinh(Math.tan(latitude)) / Math.PI) / 2 * this.size];
    }

    /* Outlines for Leaflet. */
    latLngs(row) {
      const rings = [];
      for (let ring = this.ringStart[row]; ring < this.ringStart[row + 1]; ring++) {
        const points = [];
        for (let v = this.vertexStart[ring]; v < this.vertexStart[ring + 1]; v++) points.push(this.toLatLng(this.x[v], this.y[v]));
        rings.push(points);
      }
      return rings;
    }

    rowBounds(row) {
      return this.boundsOf(this.boxes.subarray(4 * row, 4 * row + 4));
    }

    bounds() {
      const whole = emptyBoxes(1);
      for (let k = 0; k < this.runBoxes.length; k += 4) widen(whole, 0, this.runBoxes, k);
      return this.boundsOf(whole);
    }

    boundsOf(box) {
      return L.latLngBounds(this.toLatLng(box[0], box[3]), this.toLatLng(box[2], box[1]));
    }

    /* A point that lies in the shape: of areas the middle of the widest stretch on the line through the box's middle. */
    pointIn(row) {
      if (!this.isArea(row)) return this.pointOn(row);
      const box = this.boxes.subarray(4 * row, 4 * row + 4), y = (box[1] + box[3]) / 2 + 0.25, cuts = [];
      for (let ring = this.ringStart[row]; ring < this.ringStart[row + 1]; ring++) {
        const end = this.vertexStart[ring + 1];
        for (let v = this.vertexStart[ring], w = end - 1; v < end; w = v++) {
          if (this.y[v] > y === this.y[w] > y) continue;
          cuts.push((this.x[w] - this.x[v]) * (y - this.y[v]) / (this.y[w] - this.y[v]) + this.x[v]);
        }
      }
      cuts.sort((a, b) => a - b);
      let best = [box[0], box[2]], width = -1;
      for (let k = 0; k + 1 < cuts.length; k += 2) {
        if (cuts[k + 1] - cuts[k] > width) {
          best = [cuts[k], cuts[k + 1]];
          width = best[1] - best[0];
        }
      }
      return L.latLng(this.toLatLng((best[0] + best[1]) / 2, y));
    }

    /* Of a line the middle of its middle stretch, of points the middle one. */
    pointOn(row) {
      const w = this.firstVertex(row) + (this.vertexCount(row) >> 1), v = this.isLine(row) ? w - 1 : w;
      return L.latLng(this.toLatLng((this.x[v] + this.x[w]) / 2, (this.y[v] + this.y[w]) / 2));
    }
  }

  function emptyBoxes(count) {
    const boxes = new Int32Array(count * 4);
    for (let k = 0; k < count; k++) boxes.set([FAR, FAR, -FAR, -FAR], 4 * k);
    return boxes;
  }

  function widen(boxes, at, others, other) {
    if (others[other] < boxes[at]) boxes[at] = others[other];
    if (others[other + 1] < boxes[at + 1]) boxes[at + 1] = others[other + 1];
    if (others[other + 2] > boxes[at + 2]) boxes[at + 2] = others[other + 2];
    if (others[other + 3] > boxes[at + 3]) boxes[at + 3] = others[other + 3];
  }

  function meets(boxes, at, west, north, east, south) {
    return boxes[at] <= east && boxes[at + 1] <= south && boxes[at + 2] >= west && boxes[at + 3] >= north;
  }

  function distance(x, y, ax, ay, bx, by) {
    const dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy;
    const along = square ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / square)) : 0;
    return Math.hypot(x - ax - along * dx, y - ay - along * dy);
  }

  lk.Store = Store;
  lk.POINT = POINT;
})(window.landkit = window.landkit || {});
