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
      if (fact.list) fact.list.forEach(one => lk.element('div', 'lk-item', cell, one));
      else cell.textContent = fact.text;
    });
    if (layer.tour) layer.tour.link(card, hits[index].row);
    return card;
  };

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
