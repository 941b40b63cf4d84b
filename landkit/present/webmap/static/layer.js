/* What parcels and overlays have in common: reading, painting in their own pane, answering for their rows. */
(function (lk) {
  'use strict';

  lk.BlockLayer = L.Layer.extend({
    hovers: false,
    opacity: 1,
    tour: null,

    initialize: function (dataId) {
      this.ready = lk.readBlock(dataId).then(block => {
        this.header = block.header;
        this.words = block.header.words;
        this.description = block.header.layer;
        this.store = new lk.Store(block);
        this.prepare();
      });
      this.ready.catch(() => lk.complain());
    },

    onAdd: function (map) {
      this.view = lk.view(map);
      this.view.add(this);
      this.ready.then(() => { if (this._map) this.appear(); }, () => undefined);
    },

    onRemove: function () {
      if (this.painter) this.painter.remove();
      this.view.remove(this);
      if (this.store) this.vanish();
    },

    appear: function () {
      if (!this.painter && this.store.rows) {
        const pane = this.view.pane('layer-' + L.stamp(this), this.zIndex(lk.Z));
        this.painter = new lk.TilePainter(this, { pane: pane, bounds: this.store.bounds().pad(0.05) });
      }
      if (this.painter) this.painter.addTo(this._map);
      this.setOpacity(this.opacity);
      this.appeared();
    },

    setOpacity: function (opacity) {
      this.opacity = opacity;
      if (this.painter) this.painter.setOpacity(opacity);
    },

    repaint: function () {
      if (this.painter) this.painter.repaint();
    },

    speaks: function () {
      return this.description.popup.length > 0;
    },

    isShown: function () {
      return true;
    },

    text: function (column, row) {
      const value = this.store.columns[column].value(row), labels = this.header.labels[column];
      if (value === null) return null;
      if (typeof value === 'number') return lk.formatNumber(value, this.store.columns[column].grouped, this.header.lang);
      return labels && Object.prototype.hasOwnProperty.call(labels, value) ? labels[value] : value;
    },

    /* Lines of the card: [column, label, heading before it, words of the codes that it lists]. */
    facts: function (row) {
      return this.description.popup.map(field => {
        const text = this.text(field[0], row), glossary = field[3];
        const fact = { label: field[1], heading: field[2], text: text === null ? this.words.no_data : text || '—', missing: !text };
        if (glossary && text) fact.list = text.split(';').map(code => Object.prototype.hasOwnProperty.call(glossary, code) ? glossary[code] : code);
        return fact;
      });
    },

    vanish: function () {},
    prepare: function () {},
    appeared: function () {}
  });

  lk.formatNumber = function (value, grouped, lang) {
    if (!grouped) return String(value);
    const digits = Math.abs(value) >= 1 || value === 0 ? { maximumFractionDigits: 4 } : { maximumSignificantDigits: 4 };
    return value.toLocaleString(lang, Object.assign({ useGrouping: Math.abs(value) >= 10000 }, digits));
  };
})(window.landkit = window.landkit || {});
