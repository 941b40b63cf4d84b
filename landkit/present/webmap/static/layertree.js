/* folium's layer control as a tree: groups that fold, and an opacity for every layer of ours. */
(function (lk) {
  'use strict';

  function groupOf(layer) {
    return layer.description && layer.description.group || '';
  }

  /* Leaflet writes the list anew whenever a layer comes or goes, so the tree is made anew with it. */
  class LayerTree {
    constructor(map, control, config) {
      this.map = map;
      this.control = control;
      this.config = config;
      this.folded = new Set();
      this.open = new Set();                           // layers whose opacity slider is shown
      const write = control._update.bind(control);
      control._update = () => {
        const answer = write();
        this.arrange();
        return answer;
      };
      this.arrange();
    }

    arrange() {
      const list = this.control._overlaysList, labels = Array.from(list.querySelectorAll('label'));
      const groups = new Map();
      labels.forEach(label => {
        const layer = this.layerOf(label), name = groupOf(layer);
        if (!groups.has(name)) groups.set(name, []);
        groups.get(name).push({ label: label, layer: layer });
      });
      L.DomUtil.empty(list);
      groups.forEach((items, name) => this.addGroup(list, name, items));
    }

    layerOf(label) {
      const id = label.querySelector('input').layerId;
      return this.control._layers.find(one => L.stamp(one.layer) === id).layer;
    }

    addGroup(list, name, items) {
      const box = lk.element('div', 'lk-group', list);
      if (name) this.addHead(box, name);
      const body = lk.element('div', 'lk-group-body', box);
      items.forEach(item => this.addItem(body, item));
    }

    addHead(box, name) {
      const head = lk.element('button', 'lk-group-head', box, name);
      const fold = folded => {
        box.classList.toggle('lk-folded', folded);
        head.setAttribute('aria-expanded', String(!folded));
      };
      head.type = 'button';
      head.onclick = () => {
        if (!this.folded.delete(name)) this.folded.add(name);
        fold(this.folded.has(name));
      };
      fold(this.folded.has(name));
    }

    addItem(body, item) {
      const line = lk.element('div', 'lk-layer', body), words = this.config.words, layer = item.layer;
      line.appendChild(item.label);
      line.classList.toggle('lk-unchecked', !item.label.querySelector('input').checked);   // not printed
      if (!layer.setOpacity || layer.hovers) return;   // parcels have their slider beside the legend
      const name = item.label.textContent.trim();
      const button = lk.button(line, '◐', words.opacity + ' · ' + name, () => {
        if (!this.open.delete(layer)) this.open.add(layer);
        show();
      });
      const range = lk.opacityRange(line, layer);
      range.setAttribute('aria-label', words.opacity + ' · ' + name);
      const show = () => {
        range.hidden = !this.open.has(layer);
        button.setAttribute('aria-expanded', String(!range.hidden));
      };
      show();
    }
  }

  /* folium keeps no handle on its control; every control of a map is found by its container. */
  lk.layerTree = function (map, control, config) {
    return new LayerTree(map, control, config);
  };
})(window.landkit = window.landkit || {});
