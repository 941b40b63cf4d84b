/* Going through rows one after another (next conflict, the one before), neighbours next to each other. */
(function (lk) {
  'use strict';

  class Tour {
    constructor(layer) {
      this.layer = layer;
      this.title = layer.description.tour.title;
      const wanted = layer.description.tour, column = layer.store.columns[wanted.column];
      const hit = column.values.map(value => wanted.values.includes(value));
      this.stops = [];
      for (let row = 0; row < layer.store.rows; row++) {
        if (column.codes[row] && hit[column.codes[row] - 1]) this.stops.push(row);
      }
      this.at = -1;
    }

    /* Those that the filters leave. */
    shown() {
      return this.stops.filter(row => this.layer.isShown(row));
    }

    /* From the row chosen last (or `from`) to the next shown stop in the order of the layer; round at the end. */
    go(by, from) {
      const stops = this.shown(), here = from === undefined ? this.at : from;
      if (!stops.length) return;
      let next = by > 0 ? stops.find(row => row > here) : stops.slice().reverse().find(row => row < here);
      if (next === undefined) next = by > 0 ? stops[0] : stops[stops.length - 1];
      this.at = next;
      this.layer.goTo(next);
      this.update();
    }

    addTo(parent) {
      const line = lk.element('section', 'lk-tour', parent), words = this.layer.words;
      lk.element('span', '', line, this.title);
      this.count = lk.element('span', 'lk-class-count', line);
      this.buttons = [lk.button(line, '‹', words.previous, () => this.go(-1)), lk.button(line, '›', words.next, () => this.go(1))];
      this.update();
    }

    /* In a card: on from the row that it shows. */
    link(parent, row) {
      const line = lk.element('p', 'lk-card-tour', parent), words = this.layer.words;
      lk.button(line, '‹ ' + words.previous, words.previous + ' · ' + this.title, () => this.go(-1, row));
      lk.element('span', '', line, this.title);
      lk.button(line, words.next + ' ›', words.next + ' · ' + this.title, () => this.go(1, row));
    }

    update() {
      if (!this.count) return;
      const stops = this.shown(), place = stops.indexOf(this.at), lang = this.layer.header.lang;
      this.count.textContent = (place < 0 ? '' : (place + 1).toLocaleString(lang) + ' / ') + stops.length.toLocaleString(lang);
      this.buttons.forEach(button => { button.disabled = !stops.length; });
    }
  }

  lk.Tour = Tour;
})(window.landkit = window.landkit || {});
