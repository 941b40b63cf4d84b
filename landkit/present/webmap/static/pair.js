/* Two maps side by side (before, after) that move, colour and filter together. */
(function (lk) {
  'use strict';

  const MARGINS = [{ left: 320, right: 20, top: 50, bottom: 20 }, { left: 20, right: 60, top: 50, bottom: 20 }];

  /* The other map goes where this one went; what it does itself while following starts nothing. */
  function yoke(from, to, busy) {
    from.on('move', function () {
      if (busy.now) return;
      busy.now = true;
      if (from.getZoom() === to.getZoom()) {
        const gap = to.project(from.getCenter()).subtract(to.project(to.getCenter()));
        if (Math.abs(gap.x) + Math.abs(gap.y) >= 1) to.panBy(gap, { animate: false });
      } else {
        to.setView(from.getCenter(), from.getZoom(), { animate: false });
      }
      busy.now = false;
    });
  }

  /* Where the pointer is in one half, a cross stands in the other. */
  function addCross(from, to) {
    const cross = lk.element('div', 'lk-cross', to.getContainer(), '+');
    cross.setAttribute('aria-hidden', 'true');
    from.on('mousemove', event => {
      cross.hidden = false;
      cross.style.transform = 'translate(' + event.containerPoint.x + 'px,' + event.containerPoint.y + 'px)';
    });
    from.on('mouseout', () => { cross.hidden = true; });
  }

  function addHead(map, text) {
    lk.element('div', 'lk-half-head', map.getContainer(), text);
  }

  function idOf(hit) {
    return hit && hit.layer.hovers ? hit.layer.store.columns[hit.layer.description.id].value(hit.row) : null;
  }

  /* Layers are switched in one half and follow, by name, in the other. */
  function switchTogether(control, others) {
    const find = name => others.find(layer => layer.description && layer.description.name === name);
    control._map.on('overlayadd overlayremove', event => {
      const mine = event.layer.description, other = mine && find(mine.name), map = others.map;
      if (!other) return;
      if (event.type === 'overlayadd') other.addTo(map);
      else other.remove();
    });
  }

  function followPanel(leader, follower) {
    if (!leader || !follower) return;
    leader.on('refreshed', () => follower.follow(leader));
    follower.follow(leader);
  }

  lk.pair = function (before, after, configId, control) {
    const config = lk.readConfig(configId), views = [lk.view(before), lk.view(after)], maps = [before, after];
    const loading = document.getElementById('lk-loading'), others = views[0].layers.slice(), parts = lk.parts;
    document.body.classList.add('lk-pair');
    parts.addTitle(before, config.words);              // out of the row of halves before these are measured
    others.map = before;
    views[1].follows = true;
    maps.forEach((map, k) => {
      parts.begin(map, config);
      map.invalidateSize({ animate: false });
      addHead(map, config.heads[k]);
      addCross(map, maps[1 - k]);
      views[k].margins = MARGINS[k];
      views[k].onChoose = hit => views[1 - k].echo(idOf(hit));
      lk.listenToKeys(map, views[k], config.words);
    });
    parts.dressLayerControl(after, control, config);
    lk.fold(after.getContainer().querySelector('.lk-layers'), true);
    parts.addTools(after, views[1], config, () => parts.firstView(after, views[1], config.bounds));
    lk.addCoordinates(after, config.readout, config.words);
    parts.firstView(after, views[1], config.bounds);
    before.setView(after.getCenter(), after.getZoom(), { animate: false });
    const busy = { now: false };
    yoke(before, after, busy);
    yoke(after, before, busy);
    switchTogether(control, others);
    parts.complainWith(loading, config.words);
    Promise.all(views.map(view => view.whenIdle())).then(() => {
      followPanel(views[0].parcels(), views[1].parcels());
      loading.remove();
    }, () => undefined);
  };
})(window.landkit = window.landkit || {});
