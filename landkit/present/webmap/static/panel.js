/* The panel of a parcel layer: search, count, tour, themes and legend, filters, opacity. */
(function (lk) {
  'use strict';

  class Panel {
    constructor(layer) {
      this.layer = layer;
      this.words = layer.words;
      this.box = lk.card('lk-panel', this.words.legend, this.words.fold);
      this.search = new lk.Search(layer, this.box.body);
      this.addCount();
      if (layer.tour) layer.tour.addTo(this.box.body);
      this.legend = new lk.Legend(layer, this.box.body);
      this.filters = new lk.Filters(layer, this.box.body);
      this.addOpacity();
      layer.on('themed', event => this.legend.draw(event.index));
      layer.on('refreshed', () => this.update());
      this.update();
    }

    addCount() {
      this.count = lk.element('div', 'lk-count', this.box.body);
      this.count.setAttribute('aria-live', 'polite');
    }

    update() {
      const layer = this.layer, number = value => value.toLocaleString(layer.header.lang);
      this.count.textContent = lk.fillIn(this.words.shown, { n: number(layer.count), m: number(layer.store.rows) });
      this.legend.update();
      this.filters.update();
      if (layer.tour) layer.tour.update();
    }

    addOpacity() {
      const line = lk.element('label', 'lk-filter lk-opacity', lk.element('section', 'lk-tools', this.box.body));
      lk.element('span', '', line, this.words.opacity);
      lk.opacityRange(line, this.layer);
    }
  }

  /* A slider for the opacity of a layer. */
  lk.opacityRange = function (parent, layer) {
    const range = lk.element('input', '', parent);
    range.type = 'range';
    range.min = 10;
    range.max = 100;
    range.value = Math.round(layer.opacity * 100);
    range.oninput = () => layer.setOpacity(range.value / 100);
    return range;
  };

  lk.button = function (parent, text, label, action) {
    const button = lk.element('button', '', parent, text);
    button.type = 'button';
    button.title = label;
    button.setAttribute('aria-label', label);
    button.onclick = event => {
      L.DomEvent.stop(event);
      action(event);
    };
    return button;
  };

  /* A card with a heading that folds its body away. */
  lk.card = function (className, title, foldWord) {
    const box = lk.element('div', 'lk-card ' + className);
    lk.foldable(box, title, foldWord);
    return { box: box, body: lk.element('div', 'lk-card-body', box) };
  };

  lk.foldable = function (box, title, foldWord) {
    const head = lk.element('button', 'lk-card-head', box);
    head.type = 'button';
    head.title = foldWord;
    head.setAttribute('aria-expanded', 'true');
    if (title) lk.element('span', '', head, title);
    else head.setAttribute('aria-label', foldWord);
    head.onclick = () => lk.fold(box, !box.classList.contains('lk-folded'));
  };

  lk.fold = function (box, folded) {
    const head = box.querySelector('.lk-card-head');
    box.classList.toggle('lk-folded', folded);
    head.setAttribute('aria-expanded', String(!folded));
  };

  lk.control = function (position, box) {
    const control = L.control({ position: position });
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    control.onAdd = () => box;
    return control;
  };

  lk.panel = layer => lk.control('topleft', new Panel(layer).box.box);
})(window.landkit = window.landkit || {});
