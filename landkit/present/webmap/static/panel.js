/* The panel of a parcel layer: search, count, themes and legend, filters, opacity. */
(function (lk) {
  'use strict';

  const MOST_HITS = 8;
  const TYPING_MS = 180;
  const ALL = '', MISSING = '\u0000missing';

  class Panel {
    constructor(layer) {
      this.layer = layer;
      this.words = layer.words;
      this.box = lk.card('lk-panel', this.words.legend, this.words.fold);
      this.addSearch();
      this.addCount();
      this.addThemes();
      this.legend = lk.element('div', 'lk-legend', this.box.body);
      this.addFilters();
      this.addOpacity();
      layer.on('themed', event => this.drawLegend(event.index));
      layer.on('refreshed', () => this.update());
      this.drawLegend(0);
      this.update();
    }

    section(className, title) {
      const section = lk.element('section', className, this.box.body);
      if (title) lk.element('h3', '', section, title);
      return section;
    }

    number(value) {
      return value.toLocaleString(this.layer.header.lang);
    }

    /* ---------- search ---------- */

    addSearch() {
      const section = this.section('lk-search');
      this.input = lk.element('input', '', section);
      this.input.type = 'search';
      this.input.placeholder = this.words.search;
      this.input.setAttribute('aria-label', this.words.search);
      this.hits = lk.element('div', 'lk-hits', section);
      this.hits.setAttribute('aria-live', 'polite');
      this.input.oninput = () => {
        clearTimeout(this.typing);
        this.typing = setTimeout(() => this.listHits(), TYPING_MS);
      };
      this.input.onkeydown = event => {
        if (event.key === 'Enter') this.goToFirst();
        if (event.key === 'Escape') this.clearHits();
      };
    }

    clearHits() {
      clearTimeout(this.typing);
      L.DomUtil.empty(this.hits);
    }

    listHits() {
      const query = this.input.value;
      this.clearHits();
      if (!query.trim()) return;
      const rows = this.layer.find(query, MOST_HITS);
      rows.forEach(row => {
        const button = lk.element('button', '', this.hits, this.layer.searchText(row));
        button.type = 'button';
        button.onclick = () => this.goTo(row);
      });
      if (!rows.length) this.sayNothing(query);
    }

    sayNothing(query) {
      lk.element('div', 'lk-no-hit', this.hits, this.layer.whyNothing(query));
    }

    goTo(row) {
      this.input.value = this.layer.searchText(row);
      this.clearHits();
      this.layer.goTo(row);
    }

    goToFirst() {
      const query = this.input.value, rows = this.layer.find(query, 1);
      this.clearHits();
      if (rows.length) this.goTo(rows[0]);
      else if (query.trim()) this.sayNothing(query);
    }

    /* ---------- themes and legend ---------- */

    addCount() {
      this.count = lk.element('div', 'lk-count', this.box.body);
      this.count.setAttribute('aria-live', 'polite');
    }

    addThemes() {
      const themes = this.layer.themes;
      if (themes.length < 2) return;
      const section = this.section('lk-themes', this.words.theme), group = 'lk-theme-' + L.stamp(this);
      const choices = lk.element('div', '', section);
      choices.setAttribute('role', 'radiogroup');
      choices.setAttribute('aria-label', this.words.theme);
      this.radios = themes.map((theme, index) => {
        const line = lk.element('label', 'lk-choice', choices), radio = lk.element('input', '', line);
        radio.type = 'radio';
        radio.name = group;
        radio.value = theme.key;
        radio.checked = index === 0;
        radio.onchange = () => this.layer.useTheme(index);
        lk.element('span', '', line, theme.title);
        return radio;
      });
    }

    drawLegend(index) {
      const theme = this.layer.theme;
      if (this.radios) this.radios[index].checked = true;
      L.DomUtil.empty(this.legend);
      if (theme.title) {
        const head = lk.element('h3', '', this.legend, theme.title);
        if (theme.unit) lk.element('small', '', head, theme.unit);
      }
      this.lines = theme.classes.map((one, k) => this.legendLine(one, k));
    }

    legendLine(one, index) {
      const line = lk.element('label', 'lk-class', this.legend), box = lk.element('input', '', line);
      box.type = 'checkbox';
      box.checked = !one.hidden;
      box.onchange = () => this.layer.hideClass(index, !box.checked);
      const chip = lk.element('i', one.missing ? 'lk-chip lk-chip-missing' : 'lk-chip', line);
      if (!one.missing) chip.style.backgroundColor = one.colour;
      lk.element('span', 'lk-class-label', line, one.label);
      return { box: line, count: lk.element('span', 'lk-class-count', line), missing: one.missing };
    }

    update() {
      const layer = this.layer;
      this.count.textContent = lk.fillIn(this.words.shown, { n: this.number(layer.count), m: this.number(layer.store.rows) });
      this.lines.forEach((line, k) => {
        const count = layer.classCounts[k];
        line.count.textContent = this.number(count);
        line.box.classList.toggle('lk-none', count === 0);
        if (line.missing) line.box.hidden = count === 0 && !layer.theme.classes[k].hidden;
      });
    }

    /* ---------- filters, opacity ---------- */

    addFilters() {
      const fields = this.layer.description.filters;
      if (!fields.length) return;
      const section = this.section('lk-filters');
      fields.forEach(field => this.addFilter(section, field[0], field[1]));
    }

    addFilter(section, column, label) {
      const line = lk.element('label', 'lk-filter', section);
      lk.element('span', '', line, label);
      const select = lk.element('select', '', line);
      this.addOption(select, ALL, this.words.all);
      this.filterValues(column).forEach((value, k) => this.addOption(select, 'v' + k, value.text).landkit = value.value);
      if (this.layer.store.columns[column].codes.includes(0)) this.addOption(select, MISSING, this.words.no_data).landkit = null;
      select.onchange = () => this.layer.filter(column, select.options[select.selectedIndex].landkit);
    }

    /* In the order of a theme's classes where there is one, else by the alphabet of the language. */
    filterValues(column) {
      const labels = this.layer.header.labels[column] || {}, order = Object.keys(labels);
      const place = value => order.includes(value) ? order.indexOf(value) : order.length;
      return this.layer.store.columns[column].values
        .map(value => ({ value: value, text: order.includes(value) ? labels[value] : value }))
        .sort((a, b) => place(a.value) - place(b.value) || a.text.localeCompare(b.text, this.layer.header.lang, { numeric: true }));
    }

    addOption(select, value, text) {
      const option = lk.element('option', '', select, text);
      option.value = value;
      return option;
    }

    addOpacity() {
      const line = lk.element('label', 'lk-filter lk-opacity', this.section('lk-tools'));
      lk.element('span', '', line, this.words.opacity);
      const range = lk.element('input', '', line);
      range.type = 'range';
      range.min = 10;
      range.max = 100;
      range.value = Math.round(this.layer.opacity * 100);
      range.oninput = () => this.layer.setOpacity(range.value / 100);
    }
  }

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
    head.onclick = function () {
      const folded = box.classList.toggle('lk-folded');
      head.setAttribute('aria-expanded', String(!folded));
    };
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
