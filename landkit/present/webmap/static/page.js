/* The page around the map: title block, layer control in the page's words, tools, scale, first view. */
(function (lk) {
  'use strict';

  const WIDE = 760;                                    // below this the cards lie over the map and get no margin
  const LEFT_CARDS = 320, RIGHT_CARDS = 230;

  function addTitle(map, words) {
    const title = document.getElementById('lk-title');
    if (title.querySelectorAll('p, li').length > 1) lk.foldable(title, '', words.fold);   // the first note always stays
    lk.control('topleft', title).addTo(map);
  }

  /* folium's layer control, with a heading that folds it. */
  function dressLayerControl(map, words) {
    const control = map.getContainer().querySelector('.leaflet-control-layers');
    if (!control) return;
    const card = lk.card('lk-layers', words.layers, words.fold);
    control.parentNode.insertBefore(card.box, control);
    card.body.appendChild(control);
    control.setAttribute('aria-label', words.layers);
    L.DomEvent.disableClickPropagation(card.box);
    L.DomEvent.disableScrollPropagation(card.box);
  }

  function addButton(bar, text, label, action) {
    const button = lk.element('button', '', bar, text);
    button.type = 'button';
    button.title = label;
    button.setAttribute('aria-label', label);
    button.onclick = action;
  }

  function addTools(map, words, goHome) {
    const bar = lk.element('div', 'lk-tools-bar');
    const north = lk.element('div', 'lk-north', bar);
    lk.element('i', '', north);
    lk.element('span', '', north, words.north);
    addButton(bar, '+', words.zoom_in, () => map.zoomIn());
    addButton(bar, '−', words.zoom_out, () => map.zoomOut());
    addButton(bar, '⌂', words.home, goHome);
    const scale = L.control.scale({ position: 'bottomright', imperial: false, maxWidth: 140 }).addTo(map);
    scale.getContainer().setAttribute('aria-label', words.scale);
    lk.control('bottomright', bar).addTo(map);
  }

  function margins(map) {
    return map.getSize().x < WIDE ? { left: 20, right: 20 } : { left: LEFT_CARDS, right: RIGHT_CARDS };
  }

  function firstView(map, view, bounds) {
    view.margins = margins(map);
    if (!bounds) return;
    map.fitBounds([[bounds[1], bounds[0]], [bounds[3], bounds[2]]], {
      animate: false, maxZoom: 18,
      paddingTopLeft: [view.margins.left, 24], paddingBottomRight: [view.margins.right, 24]
    });
  }

  lk.page = function (map, configId) {
    const config = lk.readConfig(configId), view = lk.view(map), loading = document.getElementById('lk-loading');
    const home = () => firstView(map, view, config.bounds);
    map.getContainer().classList.add('lk-page');
    map.getContainer().setAttribute('lang', config.lang);
    addTitle(map, config.words);
    dressLayerControl(map, config.words);
    addTools(map, config.words, home);
    home();
    map.on('resize', () => { view.margins = margins(map); });
    lk.complain = function () {
      loading.firstChild.textContent = config.words.unreadable;
      loading.classList.add('lk-broken');
    };
    view.whenIdle().then(() => loading.remove(), () => undefined);
  };
})(window.landkit = window.landkit || {});
