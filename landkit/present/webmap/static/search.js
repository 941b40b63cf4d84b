/* The search box of a parcel layer: by id, name, enterprise, whatever columns the layer names. */
(function (lk) {
  'use strict';

  const MOST_HITS = 8;
  const TYPING_MS = 180;

  class Search {
    constructor(layer, parent) {
      this.layer = layer;
      const section = lk.element('section', 'lk-search', parent), word = layer.words.search;
      this.input = lk.element('input', '', section);
      this.input.type = 'search';
      this.input.placeholder = word;
      this.input.setAttribute('aria-label', word);
      this.hits = lk.element('div', 'lk-hits', section);
      this.hits.setAttribute('aria-live', 'polite');
      this.input.oninput = () => {
        clearTimeout(this.typing);
        this.typing = setTimeout(() => this.list(), TYPING_MS);
      };
      section.onkeydown = event => this.key(event);
    }

    key(event) {
      const down = event.key === 'ArrowDown', up = event.key === 'ArrowUp';
      if (event.key === 'Enter' && event.target === this.input) this.goToFirst();
      else if (event.key === 'Escape') this.clear();
      else if (down || up) this.step(event.target, down ? 1 : -1);
      else return;
      if (down || up || event.key === 'Escape') event.preventDefault();
      event.stopPropagation();
    }

    /* Arrow keys lead through the hits and back to the box. */
    step(from, by) {
      const stops = [this.input].concat(Array.from(this.hits.querySelectorAll('button')));
      stops[(stops.indexOf(from) + by + stops.length) % stops.length].focus();
    }

    clear() {
      clearTimeout(this.typing);
      L.DomUtil.empty(this.hits);
    }

    list() {
      const query = this.input.value;
      this.clear();
      if (!query.trim()) return;
      const found = this.layer.find(query, MOST_HITS);
      found.forEach(row => this.addHit(row, query));
      if (!found.length) this.sayNothing(query);
    }

    addHit(row, query) {
      const button = lk.element('button', '', this.hits, this.layer.searchText(row)), why = this.layer.matchText(row, query);
      if (why !== null) lk.element('small', '', button, why);
      button.type = 'button';
      button.onclick = () => this.goTo(row);
    }

    sayNothing(query) {
      lk.element('div', 'lk-no-hit', this.hits, this.layer.whyNothing(query));
    }

    goTo(row) {
      this.input.value = this.layer.searchText(row);
      this.clear();
      this.layer.goTo(row);
    }

    goToFirst() {
      const query = this.input.value, rows = this.layer.find(query, 1);
      this.clear();
      if (rows.length) this.goTo(rows[0]);
      else if (query.trim()) this.sayNothing(query);
    }
  }

  lk.Search = Search;
})(window.landkit = window.landkit || {});
