/* Themes and their legends: one line per class, or a square where a theme crosses two questions. */
(function (lk) {
  'use strict';

  class Legend {
    constructor(layer, parent) {
      this.layer = layer;
      this.words = layer.words;
      this.addThemes(parent);
      this.body = lk.element('div', 'lk-legend', parent);
      this.draw(0);
    }

    addThemes(parent) {
      const themes = this.layer.themes;
      if (themes.length < 2) return;
      const section = lk.element('section', 'lk-themes', parent), group = 'lk-theme-' + L.stamp(this);
      lk.element('h3', '', section, this.words.theme);
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

    draw(index) {
      const theme = this.layer.theme;
      if (this.radios) this.radios[index].checked = true;
      L.DomUtil.empty(this.body);
      if (theme.title) {
        const head = lk.element('h3', '', this.body, theme.title);
        if (theme.unit) lk.element('small', '', head, theme.unit);
      }
      if (theme.about) lk.element('p', 'lk-about', this.body, theme.about);
      this.lines = theme.matrix ? this.square(theme) : theme.classes.map((one, k) => this.line(this.body, one, k));
    }

    line(parent, one, index) {
      const line = lk.element('label', 'lk-class', parent), box = this.checkbox(line, one, index);
      lk.element('span', 'lk-class-label', line, one.label);
      return { box: line, input: box, count: lk.element('span', 'lk-class-count', line), missing: one.missing };
    }

    checkbox(line, one, index) {
      const box = lk.element('input', '', line);
      box.type = 'checkbox';
      box.checked = !one.hidden;
      box.onchange = () => this.layer.hideClass(index, !box.checked);
      const chip = lk.element('i', one.missing ? 'lk-chip lk-chip-missing' : 'lk-chip', line);
      if (!one.missing) chip.style.backgroundColor = one.colour;
      return box;
    }

    /* Rows of the square are the first question, columns the second; the cell is a switch with its count. */
    square(theme) {
      const table = lk.element('table', 'lk-square', this.body), head = lk.element('tr', '', table), lines = [];
      lk.element('td', '', head);
      theme.matrix.columns.forEach(word => { lk.element('th', '', head, word).scope = 'col'; });
      theme.matrix.rows.forEach((word, r) => {
        const row = lk.element('tr', '', table);
        lk.element('th', '', row, word).scope = 'row';
        theme.matrix.columns.forEach((_, c) => lines.push(this.cell(row, theme, r * theme.matrix.columns.length + c)));
      });
      const last = theme.classes.length - 1;
      lines.push(this.line(this.body, theme.classes[last], last));
      return lines;
    }

    cell(row, theme, index) {
      const one = theme.classes[index], line = lk.element('label', 'lk-cell', lk.element('td', '', row));
      const box = this.checkbox(line, one, index);
      box.setAttribute('aria-label', one.label);
      line.title = one.label;
      return { box: line, input: box, count: lk.element('span', 'lk-class-count', line), missing: false };
    }

    update() {
      const layer = this.layer;
      this.lines.forEach((line, k) => {
        const count = layer.classCounts[k];
        line.count.textContent = count.toLocaleString(layer.header.lang);
        line.box.classList.toggle('lk-none', count === 0);
        line.box.classList.toggle('lk-off', layer.theme.classes[k].hidden);
        if (line.missing) line.box.hidden = count === 0 && !layer.theme.classes[k].hidden;
      });
    }
  }

  lk.Legend = Legend;
})(window.landkit = window.landkit || {});
