/* The keyboard: arrows move and + - zoom (Leaflet), Enter asks the middle, n and p go on the tour, / searches, Escape leaves. */
(function (lk) {
  'use strict';

  const TYPING = ['INPUT', 'SELECT', 'TEXTAREA', 'BUTTON'];

  function tourOf(view) {
    const layer = view.layers.find(one => one.tour);
    return layer && layer.tour;
  }

  lk.listenToKeys = function (map, view, words) {
    const container = map.getContainer(), actions = {
      Enter: () => view.click(map.getCenter()),
      n: () => { if (tourOf(view)) tourOf(view).go(1); },
      p: () => { if (tourOf(view)) tourOf(view).go(-1); },
      '/': () => { if (container.querySelector('.lk-search input')) container.querySelector('.lk-search input').focus(); }
    };
    container.setAttribute('aria-label', words.map_keys);
    container.setAttribute('role', 'application');
    container.addEventListener('keydown', event => {
      if (event.key === 'Escape') leave(map, view, container);
      if (event.ctrlKey || event.altKey || event.metaKey || TYPING.includes(event.target.tagName)) return;
      if (!actions[event.key]) return;
      event.preventDefault();
      actions[event.key]();
    });
  };

  /* Escape takes one thing away at a time. */
  function leave(map, view, container) {
    if (view.measure && view.measure.active) view.measure.finish();
    else if (view.measure && view.measure.points.length) view.measure.clear();
    else {
      view.close();
      container.focus({ preventScroll: true });
    }
  }

  /* A card is a dialog that a keyboard can walk into. */
  lk.introduceCard = function (box, container) {
    const card = box.querySelector('.lk-facts');
    card.tabIndex = 0;
    card.setAttribute('role', 'dialog');
    card.setAttribute('aria-label', card.querySelector('.lk-facts-layer').textContent);
    if (container.matches(':focus')) card.focus({ preventScroll: true });
  };
})(window.landkit = window.landkit || {});
