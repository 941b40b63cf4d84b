/* The page around the map: title block, layer tree, tools, scale, coordinates, first view. */
(function (lk) {
  'use strict';

  const WIDE = 760;                                    // below this the cards lie over the map and get no margin
  const LEFT_CARDS = 320, RIGHT_CARDS = 256;
  const NOTES_ALWAYS = 2;                              // as many are shown on a low screen: map.css
  const NARROW_CARDS = 190, SHEET = 0.45;              // of a phone: folded cards above, the open card below

  function isNarrow(map) {
    return map.getSize().x < WIDE;
  }

  function addTitle(map, words) {
    const title = document.getElementById('lk-title');
    if (title.querySelectorAll('p, li').length > 1) lk.foldable(title, '', words.fold);   // the first note always stays
    lk.control('topleft', title).addTo(map);
    addReader(title, words);
  }

  /* Notes begin as two lines each of the first three; a button opens all of them in full, wide enough to read. */
  function addReader(title, words) {
    const notes = Array.from(title.querySelectorAll('li'));
    if (notes.length <= NOTES_ALWAYS && !notes.some(note => note.scrollHeight > note.clientHeight + 1)) return;
    const read = lk.element('button', 'lk-read', title);
    const show = open => {
      title.classList.toggle('lk-reading', open);
      read.textContent = open ? words.notes_less : words.notes_all + ' (' + notes.length + ')';
      read.setAttribute('aria-expanded', String(open));
    };
    read.type = 'button';
    read.onclick = () => show(!title.classList.contains('lk-reading'));
    show(false);
  }

  /* folium's layer control, in a card of ours. */
  function dressLayerControl(map, control, config) {
    const list = control.getContainer(), card = lk.card('lk-layers', config.words.layers, config.words.fold);
    list.parentNode.insertBefore(card.box, list);
    card.body.appendChild(list);
    list.setAttribute('aria-label', config.words.layers);
    L.DomEvent.disableClickPropagation(card.box);
    L.DomEvent.disableScrollPropagation(card.box);
    const tree = lk.layerTree(map, control, config);
    Promise.all(control._layers.map(one => one.layer.ready)).then(() => tree.arrange(), () => undefined);
  }

  /* On a phone all cards stand in one column and begin folded, so that the map is what is seen first. */
  function arrangeNarrow(map) {
    const container = map.getContainer(), column = container.querySelector('.leaflet-top.leaflet-left');
    const narrow = isNarrow(map), layers = container.querySelector('.lk-layers');
    container.classList.toggle('lk-narrow', narrow);
    if (layers) (narrow ? column : container.querySelector('.leaflet-top.leaflet-right')).appendChild(layers);
  }

  function foldAll(map) {
    if (isNarrow(map)) map.getContainer().querySelectorAll('.lk-title, .lk-layers, .lk-panel').forEach(box => {
      if (box.querySelector('.lk-card-head')) lk.fold(box, true);
    });
  }

  function addTools(map, view, config, goHome) {
    const words = config.words, bar = lk.element('div', 'lk-tools-bar'), north = lk.element('div', 'lk-north', bar);
    lk.element('i', '', north);
    lk.element('span', '', north, words.north);
    lk.button(bar, '+', words.zoom_in, () => map.zoomIn());
    lk.button(bar, '−', words.zoom_out, () => map.zoomOut());
    lk.button(bar, '⌂', words.home, goHome);
    const ruler = lk.button(bar, '', words.measure, () => view.measure.toggle(ruler));
    ruler.className = 'lk-ruler';
    ruler.setAttribute('aria-pressed', 'false');
    lk.button(bar, '', words.print, () => window.print()).className = 'lk-printer';
    const scale = L.control.scale({ position: 'bottomright', imperial: false, maxWidth: 140 }).addTo(map);
    scale.getContainer().setAttribute('aria-label', words.scale);
    lk.control('bottomright', bar).addTo(map);
    view.measure = new lk.Measure(map, view, words, config.lang);
  }

  function margins(map) {
    const narrow = { left: 20, right: 20, top: NARROW_CARDS, bottom: map.getSize().y * SHEET };
    return isNarrow(map) ? narrow : { left: LEFT_CARDS, right: RIGHT_CARDS, top: 20, bottom: 20 };
  }

  function firstView(map, view, bounds) {
    view.margins = margins(map);
    if (!bounds) return;
    map.fitBounds([[bounds[1], bounds[0]], [bounds[3], bounds[2]]], {
      animate: false, maxZoom: 18,
      paddingTopLeft: [view.margins.left, isNarrow(map) ? NARROW_CARDS : 24], paddingBottomRight: [view.margins.right, 24]
    });
  }

  function complainWith(loading, words) {
    lk.complain = function () {
      loading.firstChild.textContent = words.unreadable;
      loading.classList.add('lk-broken');
    };
  }

  function begin(map, config) {
    map.getContainer().classList.add('lk-page');
    map.getContainer().setAttribute('lang', config.lang);
  }

  lk.parts = { addTitle, dressLayerControl, addTools, margins, firstView, complainWith, begin };

  lk.page = function (map, configId, control) {
    const config = lk.readConfig(configId), view = lk.view(map), loading = document.getElementById('lk-loading');
    const home = () => firstView(map, view, config.bounds);
    begin(map, config);
    addTitle(map, config.words);
    if (control) dressLayerControl(map, control, config);
    addTools(map, view, config, home);
    home();
    lk.addCoordinates(map, config.readout, config.words);
    lk.listenToKeys(map, view, config.words);
    arrangeNarrow(map);
    foldAll(map);
    map.on('resize', () => {
      view.margins = margins(map);
      arrangeNarrow(map);
    });
    complainWith(loading, config.words);
    view.whenIdle().then(() => {
      loading.remove();
      foldAll(map);
    }, () => undefined);
  };
})(window.landkit = window.landkit || {});
