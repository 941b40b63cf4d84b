/* Filters of a parcel layer: values to choose from, and numbers between two bounds. */
(function (lk) {
  'use strict';

  const ALL = '', MISSING = '\u0000missing';

  class Filters {
    constructor(layer, parent) {
      this.layer = layer;
      this.words = layer.words;
      const description = layer.description;
      if (!description.filters.length && !description.ranges.length) return;
      const section = this.section(parent);
      description.filters.forEach(field => this.addChoice(section, field[0], field[1]));
      description.ranges.forEach(field => this.addRange(section, field[0], field[1]));
      this.addReset(section);
    }

    /* Folded until somebody wants to filter: the legend is read more often. */
    section(parent) {
      const box = lk.element('section', 'lk-filters lk-folded', parent), head = lk.element('button', 'lk-fold-head', box, this.words.filters);
      head.type = 'button';
      head.setAttribute('aria-expanded', 'false');
      head.onclick = () => head.setAttribute('aria-expanded', String(!box.classList.toggle('lk-folded')));
      return lk.element('div', 'lk-fold-body', box);
    }

    addChoice(section, column, label) {
      const line = lk.element('label', 'lk-filter', section);
      lk.element('span', '', line, label);
      const select = lk.element('select', '', line);
      addOption(select, ALL, this.words.all, undefined);
      this.choices(column).forEach((choice, k) => addOption(select, 'v' + k, choice.text, choice.value));
      if (this.layer.store.columns[column].codes.includes(0)) addOption(select, MISSING, this.words.no_data, null);
      select.onchange = () => this.layer.filter(column, select.options[select.selectedIndex].landkit);
    }

    /* In the order of a theme's classes where there is one, else by the alphabet of the language. */
    choices(column) {
      const header = this.layer.header, labels = header.labels[column] || {}, order = Object.keys(labels);
      const place = value => order.includes(value) ? order.indexOf(value) : order.length;
      return this.layer.store.columns[column].values
        .map(value => ({ value: value, text: order.includes(value) ? labels[value] : value }))
        .sort((a, b) => place(a.value) - place(b.value) || a.text.localeCompare(b.text, header.lang, { numeric: true }));
    }

    /* Two bounds; an empty one is open.  Rows without a number pass only while both are empty. */
    addRange(section, column, label) {
      const line = lk.element('div', 'lk-filter lk-range', section), extent = extentOf(this.layer.store.columns[column]);
      lk.element('span', '', line, label).title = label;
      line.setAttribute('role', 'group');
      line.setAttribute('aria-label', label);
      const least = this.bound(line, this.words.least, extent[0]);
      lk.element('i', '', line, '–');
      const greatest = this.bound(line, this.words.greatest, extent[1]);
      const changed = () => this.layer.filterRange(column, read(least), read(greatest));
      least.oninput = greatest.oninput = changed;
    }

    bound(line, word, extent) {
      const input = lk.element('input', '', line);
      input.type = 'text';
      input.inputMode = 'decimal';
      input.placeholder = extent === null ? '—' : lk.formatNumber(extent, true, this.layer.header.lang);
      input.setAttribute('aria-label', word);
      return input;
    }

    addReset(section) {
      this.reset = lk.element('button', 'lk-reset', section, this.words.reset);
      this.reset.type = 'button';
      this.reset.onclick = () => {
        section.querySelectorAll('select').forEach(select => { select.selectedIndex = 0; });
        section.querySelectorAll('input').forEach(input => { input.value = ''; });
        this.layer.clearFilters();
      };
      this.update();
    }

    update() {
      if (this.reset) this.reset.hidden = !this.layer.isFiltered();
    }
  }

  function addOption(select, value, text, chosen) {
    const option = lk.element('option', '', select, text);
    option.value = value;
    option.landkit = chosen;
  }

  function extentOf(column) {
    let low = Infinity, high = -Infinity;
    for (const number of column.numbers) {
      if (number < low) low = number;
      if (number > high) high = number;
    }
    return low > high ? [null, null] : [low, high];
  }

  /* The number typed; null when the field is empty; NaN (which nothing equals) marks the field as wrong. */
  function read(input) {
    const text = input.value.trim().replace(/[,，\s]/g, ''), number = text === '' ? null : Number(text);
    input.classList.toggle('lk-wrong', Number.isNaN(number));
    return Number.isNaN(number) ? null : number;
  }

  lk.Filters = Filters;
})(window.landkit = window.landkit || {});
