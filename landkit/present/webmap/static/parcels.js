/* Parcels: themes, classes that can be hidden, tests that rows must pass, search. */
(function (lk) {
  'use strict';

  const MISSING_GROUND = '#ebe8e2', MISSING_LINE = '#a8a196';
  const OUTLINE_FROM = 7;                              // screen pixels of a typical parcel
  const LINE_WEIGHT = 2.5, POINT_RADIUS = 4;           // screen pixels, for layers that hold lines or points

  lk.Parcels = lk.BlockLayer.extend({
    hovers: true,

    prepare: function () {
      const rows = this.store.rows;
      this.opacity = this.description.opacity;
      this.shown = new Uint8Array(rows).fill(1);
      this.clearTests();
      this.onlyAreas = this.store.kinds.every(kind => kind === 0);
      this.themes = this.description.themes.map(theme => classify(theme, this.store.columns[theme.column], rows, this.words));
      if (!this.themes.length) this.themes = [plainTheme(this.description, rows)];
      this.tour = this.description.tour && new lk.Tour(this);
      this.useTheme(0);
    },

    rank: () => 1000,
    zIndex: z => z.parcels,
    reach: function () {
      return this.onlyAreas ? 1 : POINT_RADIUS + 1;
    },

    isShown: function (row) {
      return this.shown[row] === 1;
    },

    appeared: function () {
      if (this.view.follows) return;                   // the other half of a comparison has the panel
      if (!this.panel) this.panel = lk.panel(this);
      this.panel.addTo(this._map);
    },

    vanish: function () {
      if (this.panel) this.panel.remove();
    },

    /* ---------- what is shown ---------- */

    useTheme: function (index) {
      this.theme = this.themes[index];
      const ratio = lk.pixelRatio();
      this.inks = this.theme.classes.map(one => one.missing
        ? lk.hatchInk(MISSING_GROUND, 1, MISSING_LINE, 1, '/', ratio) : lk.solidInk(one.colour, 1));
      this.fire('themed', { index: index });
      this.refresh();
    },

    hideClass: function (index, hidden) {
      this.theme.classes[index].hidden = hidden;
      this.refresh();
    },

    /* `value` is a text, null for rows without one, undefined for no filter. */
    filter: function (column, value) {
      this.setTest(column, value === undefined ? null : { value: value });
    },

    /* Both bounds belong to the range; null leaves a side open. */
    filterRange: function (column, least, greatest) {
      this.setTest(column, least === null && greatest === null ? null : { least: least, greatest: greatest });
    },

    setTest: function (column, test) {
      if (test) this.tests.set(column, test);
      else this.tests.delete(column);
      this.refresh();
    },

    /* Whether a row passes the test of a column. */
    passes: function (column, test) {
      const values = this.store.columns[column];
      if ('value' in test) {
        const code = test.value === null ? 0 : values.values.indexOf(test.value) + 1 || -1;
        return row => values.codes[row] === code;
      }
      const low = test.least === null ? -Infinity : test.least, high = test.greatest === null ? Infinity : test.greatest;
      return row => values.numbers[row] >= low && values.numbers[row] <= high;
    },

    clearTests: function () {
      this.tests = new Map();                          // column -> what a row must pass
    },

    clearFilters: function () {
      this.clearTests();
      this.refresh();
    },

    isFiltered: function () {
      return this.tests.size > 0;
    },

    /* Show what another layer made the same way shows: theme, hidden classes, filters, opacity. */
    follow: function (leader) {
      const index = this.themes.findIndex(theme => theme.key === leader.theme.key);
      this.theme = this.themes[Math.max(index, 0)];
      this.theme.classes.forEach((one, k) => { one.hidden = leader.theme.classes[k].hidden; });
      this.tests = new Map(leader.tests);
      this.useTheme(Math.max(index, 0));
    },

    rowOf: function (id) {
      const column = this.store.columns[this.description.id];
      for (let row = 0; row < this.store.rows; row++) if (column.value(row) === id) return row;
      return -1;
    },

    refresh: function () {
      const theme = this.theme, counts = theme.classes.map(() => 0), tests = Array.from(this.tests, entry => this.passes(entry[0], entry[1]));
      this.count = 0;
      for (let row = 0; row < this.store.rows; row++) {
        let passes = true;
        for (let k = 0; passes && k < tests.length; k++) passes = tests[k](row);
        const shown = passes && !theme.classes[theme.classOf[row]].hidden;
        if (passes) counts[theme.classOf[row]]++;
        this.shown[row] = shown ? 1 : 0;
        if (shown) this.count++;
      }
      this.classCounts = counts;
      this.repaint();
      this.fire('refreshed');
    },

    /* ---------- search ---------- */

    /* Rows of which a text holds the query: a whole text first, then a beginning, then anywhere; column by column. */
    find: function (query, most) {
      const wanted = query.trim().toLowerCase(), found = [[], [], []], seen = new Set();
      if (!wanted) return [];
      this.description.search.forEach(column => this.findIn(this.store.columns[column], wanted, most, found, seen));
      return [].concat(found[0], found[1], found[2]).slice(0, most);
    },

    findIn: function (column, wanted, most, found, seen) {
      for (let row = 0; row < this.store.rows; row++) {
        const text = column.value(row), at = text === null ? -1 : text.toLowerCase().indexOf(wanted);
        if (at < 0 || seen.has(row)) continue;
        const grade = at > 0 ? 2 : text.length === wanted.length ? 0 : 1;
        if (found[grade].length >= most) continue;
        found[grade].push(row);
        seen.add(row);
      }
    },

    /* The text that a hit was found by, where that is not what the row is called. */
    matchText: function (row, query) {
      const wanted = query.trim().toLowerCase(), texts = this.description.search.map(column => this.store.columns[column].value(row));
      const found = texts.findIndex(text => text !== null && text.toLowerCase().includes(wanted));
      return found > 0 ? texts[found] : null;
    },

    /* Why a search finds nothing: no such parcel, or one without geometry. */
    whyNothing: function (query) {
      const wanted = query.trim().toLowerCase();
      const undrawn = this.description.undrawn.some(id => id.toLowerCase() === wanted);
      return undrawn ? this.words.no_geometry : this.words.no_hit;
    },

    searchText: function (row) {
      return this.store.columns[this.description.search[0]].value(row) || '';
    },

    goTo: function (row) {
      this.view.goTo(this, row);
    },

    /* ---------- drawing ---------- */

    paint: function (context, view, rows) {
      const visible = rows.filter(row => this.shown[row]), inks = this.inks, classOf = this.theme.classOf;
      lk.paintAreas(context, this.store, visible, view, row => inks[classOf[row]]);
      if (!this.onlyAreas) this.paintThin(context, view, Array.from(visible));
      const typical = this.store.typicalSize * view.scale / view.ratio;
      if (typical < OUTLINE_FROM) return;
      const weight = typical > 40 ? 0.9 : typical > 16 ? 0.6 : 0.35;
      const areas = this.onlyAreas ? visible : visible.filter(row => this.store.isArea(row));
      lk.paintLines(context, this.store, areas, view, { colour: this.description.outline, weight: weight, dash: [] });
    },

    /* Lines class by class, then points, in the colours of their classes. */
    paintThin: function (context, view, rows) {
      const colourOf = row => this.theme.classes[this.theme.classOf[row]].line;
      this.theme.classes.forEach((one, k) => {
        const lines = rows.filter(row => this.store.isLine(row) && this.theme.classOf[row] === k);
        lk.paintLines(context, this.store, lines, view, { colour: one.line, weight: LINE_WEIGHT, dash: [] });
      });
      lk.paintPoints(context, this.store, rows, view, colourOf, POINT_RADIUS);
    }
  });

  /* A theme with the class of every row worked out; rows that fit no class form a last, hatched class. */
  function classify(theme, column, rows, words) {
    const missing = theme.colours.length, classOf = new Uint8Array(rows);
    const one = theme.kind === 'number' ? numberClass(theme, column, missing) : categoryClass(theme, column, missing);
    for (let row = 0; row < rows; row++) classOf[row] = one(row);
    const classes = theme.colours.map((colour, k) => ({ label: theme.labels[k], colour: colour, line: colour, hidden: false, missing: false }));
    classes.push({ label: theme.missing || words.no_data, colour: MISSING_GROUND, line: MISSING_LINE, hidden: false, missing: true });
    const about = { key: theme.key, title: theme.title, unit: theme.unit, about: theme.about, matrix: theme.matrix };
    return Object.assign(about, { classes: classes, classOf: classOf });
  }

  function numberClass(theme, column, missing) {
    return function (row) {
      const value = column.numbers[row];
      if (isNaN(value)) return missing;
      let k = 0;
      while (k < theme.breaks.length && value >= theme.breaks[k]) k++;
      return k;
    };
  }

  function categoryClass(theme, column, missing) {
    const places = column.values.map(value => theme.values.indexOf(value));
    return function (row) {
      const place = column.codes[row] ? places[column.codes[row] - 1] : -1;
      return place < 0 ? missing : place;
    };
  }

  function plainTheme(description, rows) {
    const only = { label: description.name, colour: description.colour, line: description.colour, hidden: false, missing: false };
    return { key: '', title: '', unit: '', classes: [only], classOf: new Uint8Array(rows) };
  }

  lk.parcels = dataId => new lk.Parcels(dataId);
})(window.landkit = window.landkit || {});
