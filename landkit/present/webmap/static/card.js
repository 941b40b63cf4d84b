/* The card of what was clicked: its layer, how many things lie here, and what is known of this one. */
(function (lk) {
  'use strict';

  /* `turn(index)` shows another of the hits. */
  lk.hitCard = function (hits, index, turn) {
    const layer = hits[index].layer, card = lk.element('div', 'lk-facts');
    const head = lk.element('div', 'lk-facts-head', card);
    lk.element('span', 'lk-facts-layer', head, layer.description.name);
    if (hits.length > 1) pager(head, hits, index, turn);
    layer.facts(hits[index].row).forEach(fact => {
      if (fact.heading) lk.element('h4', '', card, fact.heading);
      const last = card.lastElementChild, table = last.tagName === 'TABLE' ? last : lk.element('table', '', card);
      const line = lk.element('tr', '', table);
      lk.element('th', '', line, fact.label).scope = 'row';
      const cell = lk.element('td', fact.missing ? 'lk-missing' : '', line);
      if (fact.list) addList(cell, fact.list, layer.words);
      else cell.textContent = fact.text;
    });
    if (layer.tour) layer.tour.link(card, hits[index].row);
    return card;
  };

  /* Long lists such as clauses open on demand, so that every answer is seen at once. */
  function addList(cell, items, words) {
    const box = lk.element('details', '', cell);
    lk.element('summary', '', box, lk.fillIn(words.items, { n: items.length }));
    items.forEach(one => lk.element('div', 'lk-item', box, one));
  }

  /* On a phone the card is a sheet at the foot of the map, where a popup would hide under the other cards. */
  class Sheet {
    constructor(view, closeWord) {
      this.view = view;
      this.box = lk.element('div', 'lk-sheet', view.map.getContainer());
      this.body = lk.element('div', 'lk-sheet-body', this.box);
      lk.button(this.box, '×', closeWord, () => view.close()).className = 'leaflet-popup-close-button';
      L.DomEvent.disableClickPropagation(this.box);
      L.DomEvent.disableScrollPropagation(this.box);
    }

    setContent(card) {
      L.DomUtil.empty(this.body);
      this.body.appendChild(card);
    }

    getElement() {
      return this.box;
    }

    remove() {
      this.box.remove();
    }
  }

  lk.Sheet = Sheet;

  function pager(head, hits, index, turn) {
    const words = hits[index].layer.words, bar = lk.element('span', 'lk-pager', head);
    const step = by => () => turn((index + by + hits.length) % hits.length);
    const count = lk.element('span', 'lk-here', bar, lk.fillIn(words.here, { n: hits.length }));
    lk.button(bar, '‹', words.previous, step(-1));
    lk.element('span', '', bar, (index + 1) + '/' + hits.length);
    lk.button(bar, '›', words.next, step(1));
    count.setAttribute('role', 'status');
  }
})(window.landkit = window.landkit || {});
