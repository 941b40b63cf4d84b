/* One view per map: which of our layers are on it, what lies at a point, highlight and popup. */
(function (lk) {
  'use strict';

  const TOUCH = 6;                                     // screen pixels around a thin line that still count as on it
  const Z = { below: 300, parcels: 350, above: 370, highlight: 480, labels: 520 };
  const MANY_VERTICES = 3000;

  lk.element = function (tag, className, parent, text) {
    const made = L.DomUtil.create(tag, className || '', parent);
    if (text !== undefined) made.textContent = text;   // the only way text of the data reaches the page
    return made;
  };

  lk.fillIn = (sentence, facts) => sentence.replace(/\{(\w+)\}/g, (all, name) => name in facts ? facts[name] : all);

  class View {
    constructor(map) {
      this.map = map;
      this.layers = [];
      this.hits = [];
      this.chosen = null;
      this.hovered = null;
      this.margins = { left: 20, right: 20, top: 20, bottom: 20 };
      this.card = null;
      this.highlightPane = this.pane('highlight', Z.highlight);
      this.svg = L.svg({ pane: this.highlightPane, padding: 0.3 });
      map.on('click', event => this.click(event.latlng));
      map.on('mousemove', event => this.move(event.latlng));
      map.on('mouseout movestart', () => this.hover(null));
      if (map.attributionControl) map.attributionControl.setPrefix(false);
    }

    pane(name, zIndex) {
      const full = 'landkit-' + name;
      if (!this.map.getPane(full)) {
        const pane = this.map.createPane(full);
        pane.style.zIndex = zIndex;
        pane.style.pointerEvents = 'none';
      }
      return full;
    }

    add(layer) {
      this.layers.push(layer);
      this.layers.sort((a, b) => b.rank() - a.rank());
    }

    remove(layer) {
      this.layers = this.layers.filter(other => other !== layer);
      this.hover(null);
      if (this.hits.some(hit => hit.layer === layer)) this.close();
    }

    reach(layer) {
      const gridPerPixel = layer.store.size / (256 * Math.pow(2, this.map.getZoom()));
      return Math.max(TOUCH, layer.reach()) * gridPerPixel;
    }

    /* Everything at a point that has something to say, parcels first, then overlays from top to bottom. */
    hitsAt(latlng) {
      const hits = [];
      this.layers.forEach(layer => {
        if (!layer.store || !layer.speaks()) return;
        const rows = layer.store.at(layer.store.fromLatLng(latlng), this.reach(layer), row => layer.isShown(row));
        rows.forEach(row => hits.push({ layer: layer, row: row }));
      });
      return hits;
    }

    click(latlng) {
      if (this.measure && this.measure.active) this.measure.add(latlng);
      else this.show(this.hitsAt(latlng), 0, latlng);
    }

    move(latlng) {
      if (this.frame) return;
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        if (this.map._animatingZoom) return;
        if (this.measure && this.measure.active) return;
        const hits = this.hitsAt(latlng), parcel = hits.find(hit => hit.layer.hovers);
        this.map.getContainer().classList.toggle('lk-pointing', hits.length > 0);
        this.hover(parcel || null);
      });
    }

    hover(hit) {
      if (hit && this.hovered && this.hovered.layer === hit.layer && this.hovered.row === hit.row) return;
      if (this.hovered) this.hovered.outline.remove();
      this.hovered = hit && { layer: hit.layer, row: hit.row, outline: this.outline(hit, { color: '#1d1d1f', weight: 1.5 }) };
    }

    outline(hit, style) {
      const store = hit.layer.store, many = store.vertexCount(hit.row) > MANY_VERTICES;
      const options = { pane: this.highlightPane, renderer: this.svg, interactive: false, fill: false, smoothFactor: many ? 1 : 0 };
      if (store.isPoint(hit.row)) {
        return L.circleMarker(store.pointIn(hit.row), Object.assign(options, style, { radius: hit.layer.reach() + 3 })).addTo(this.map);
      }
      const shape = store.isLine(hit.row) ? L.polyline : L.polygon;
      return shape(store.latLngs(hit.row), Object.assign(options, style)).addTo(this.map);
    }

    choose(hit) {
      if (this.chosen) this.chosen.remove();
      this.chosen = hit && this.outline(hit, { color: '#c2410c', weight: 3 });
      if (this.onChoose) this.onChoose(hit);
    }

    parcels() {
      return this.layers.find(layer => layer.hovers);
    }

    /* Outline the parcel of this id, which was chosen in the other half of a comparison. */
    echo(id) {
      const layer = this.parcels(), row = id === null || !layer ? -1 : layer.rowOf(id);
      if (this.echoed) this.echoed.remove();
      this.echoed = row < 0 ? null : this.outline({ layer: layer, row: row }, { color: '#c2410c', weight: 3, dashArray: '5 4' });
    }

    /* Open a card on the hit at `index`; with several, arrows lead through them. */
    show(hits, index, latlng) {
      this.close();
      this.hits = hits;
      if (!hits.length) return;
      const words = hits[index].layer.words;
      this.card = this.isNarrow() ? new lk.Sheet(this, words.close) : this.popup(latlng);
      const turn = to => {
        this.choose(hits[to]);
        this.card.setContent(lk.hitCard(hits, to, turn));
      };
      turn(index);
      if (this.card.openOn) this.card.openOn(this.map);
      this.card.getElement().querySelector('.leaflet-popup-close-button').setAttribute('aria-label', words.close);
      lk.introduceCard(this.card.getElement(), this.map.getContainer());
    }

    popup(latlng) {
      const popup = L.popup({
        maxWidth: 340, minWidth: 260, maxHeight: Math.min(560, this.map.getSize().y - 160), className: 'lk-popup',
        autoPanPaddingTopLeft: [this.margins.left, 20], autoPanPaddingBottomRight: [this.margins.right, 40]
      });
      popup.setLatLng(latlng);
      popup.on('remove', () => { if (this.card === popup) this.forget(); });
      return popup;
    }

    close() {
      const card = this.card;
      this.forget();
      if (card) card.remove();
    }

    forget() {
      this.card = null;
      this.choose(null);
      this.hits = [];
    }

    isNarrow() {
      return this.map.getContainer().classList.contains('lk-narrow');
    }

    /* Fly to a row and open its popup there. */
    goTo(layer, row) {
      const bounds = layer.store.rowBounds(row);
      this.close();
      this.map.once('moveend', () => this.show([{ layer: layer, row: row }], 0, layer.store.pointIn(row)));
      const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
      this.map[still ? 'fitBounds' : 'flyToBounds'](bounds.pad(1.5), {
        maxZoom: 18, duration: 0.8, animate: !still,
        paddingTopLeft: [this.margins.left, this.margins.top], paddingBottomRight: [this.margins.right, this.margins.bottom]
      });
    }

    /* Resolves when every layer is read and painted (for tests and printing). */
    whenIdle() {
      return Promise.all(this.layers.map(layer => layer.ready)).then(() => new Promise(function (resolve) {
        (function look() {
          if (lk.isPainting()) setTimeout(look, 15);
          else requestAnimationFrame(() => requestAnimationFrame(resolve));
        })();
      }));
    }
  }

  lk.complain = function () {
    const box = document.getElementById('lk-loading');
    if (box) box.classList.add('lk-broken');
  };

  lk.Z = Z;
  lk.views = [];
  lk.view = function (map) {
    let view = lk.views.find(known => known.map === map);
    if (!view) {
      view = new View(map);
      lk.views.push(view);
    }
    return view;
  };
})(window.landkit = window.landkit || {});
