/* Measuring: click corners, read length and area; double click or Enter ends, Escape clears. */
(function (lk) {
  'use strict';

  const MU_PER_M2 = 3 / 2000, M2_PER_HA = 10000, M_PER_KM = 1000;
  const STYLE = { color: '#0f4c81', weight: 2.5, dashArray: '6 4', fillColor: '#0f4c81', fillOpacity: 0.12, interactive: false };

  class Measure {
    constructor(map, view, words, lang) {
      this.map = map;
      this.view = view;
      this.words = words;
      this.lang = lang;
      this.active = false;
      this.points = [];
      this.box = lk.element('div', 'lk-card lk-measure');
      this.box.setAttribute('role', 'status');
      this.box.hidden = true;
      lk.control('bottomright', this.box).addTo(map);
      map.on('mousemove', event => { if (this.active && this.points.length) this.draw(event.latlng); });
      map.on('dblclick', () => { if (this.active) this.finish(); });
    }

    toggle(button) {
      this.button = button;
      if (this.active) this.clear();
      else this.begin();
    }

    begin() {
      this.clear();
      this.active = true;
      this.view.close();
      this.map.doubleClickZoom.disable();
      this.map.getContainer().classList.add('lk-measuring');
      this.button.setAttribute('aria-pressed', 'true');
      this.say();
    }

    add(latlng) {
      this.points.push(latlng);
      this.draw();
    }

    /* The drawing stays until it is cleared; the map answers clicks again. */
    finish() {
      this.active = false;
      this.points = this.points.filter((point, k) => k === 0 || !point.equals(this.points[k - 1], 1e-9));
      this.draw();
      this.map.getContainer().classList.remove('lk-measuring');
      setTimeout(() => this.map.doubleClickZoom.enable(), 0);
      this.button.setAttribute('aria-pressed', 'false');
    }

    clear() {
      if (this.active) this.finish();
      this.points = [];
      if (this.shape) this.shape.remove();
      this.shape = null;
      this.box.hidden = true;
    }

    draw(pointer) {
      const points = pointer ? this.points.concat(pointer) : this.points;
      if (this.shape) this.shape.remove();
      const make = points.length > 2 ? L.polygon : L.polyline;
      this.shape = make(points, Object.assign({ pane: this.view.highlightPane, renderer: this.view.svg, smoothFactor: 0 }, STYLE)).addTo(this.map);
      this.say(points);
    }

    say(points) {
      const words = this.words;
      this.box.hidden = false;
      L.DomUtil.empty(this.box);
      if (!points || points.length < 2) {
        this.box.textContent = words.measure_how;
        return;
      }
      this.line(words.length, this.length(lk.lengthOf(points)));
      if (points.length > 2) this.line(words.area, this.area(lk.areaOf(points)));
      if (!this.active) lk.button(this.box, words.clear, words.clear, () => this.clear());
    }

    line(word, text) {
      const line = lk.element('div', '', this.box);
      lk.element('span', '', line, word);
      lk.element('b', '', line, text);
    }

    number(value, digits) {
      return value.toLocaleString(this.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    }

    length(m) {
      return m < M_PER_KM ? this.number(m, 1) + ' ' + this.words.unit_m : this.number(m / M_PER_KM, 3) + ' ' + this.words.unit_km;
    }

    area(m2) {
      const words = this.words;
      return this.number(m2, 0) + ' ' + words.unit_m2 + ' · ' + this.number(m2 * MU_PER_M2, 2) + ' ' + words.unit_mu +
        ' · ' + this.number(m2 / M2_PER_HA, 4) + ' ' + words.unit_ha;
    }
  }

  lk.Measure = Measure;
})(window.landkit = window.landkit || {});
