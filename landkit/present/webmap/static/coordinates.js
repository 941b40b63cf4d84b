/* Where the pointer is, in the coordinates of the study and in degrees. */
(function (lk) {
  'use strict';

  /* Chebyshev polynomials T0 .. Tn at t. */
  function chebyshev(t, degree) {
    const values = [1, t];
    for (let k = 2; k <= degree; k++) values.push(2 * t * values[k - 1] - values[k - 2]);
    return values;
  }

  /* East and north by the polynomials that readout.py fitted; null outside the ground they were fitted on. */
  lk.toStudy = function (readout, latlng) {
    const [west, south, east, north] = readout.box;
    const u = 2 * (latlng.lng - west) / (east - west) - 1, v = 2 * (latlng.lat - south) / (north - south) - 1;
    if (Math.abs(u) > 1 || Math.abs(v) > 1) return null;
    const across = chebyshev(u, readout.degree), up = chebyshev(v, readout.degree), sum = [0, 0];
    readout.terms.forEach(term => {
      const product = across[term[0]] * up[term[1]];
      sum[0] += term[2] * product;
      sum[1] += term[3] * product;
    });
    return sum;
  };

  lk.coordinateText = function (readout, words, latlng) {
    const study = readout && lk.toStudy(readout, latlng);
    return study ? words.easting + ' ' + study[0].toFixed(1) + '  ' + words.northing + ' ' + study[1].toFixed(1) + '  ' + readout.name : '';
  };

  /* One line at the bottom of the map; at rest it says where the middle is. */
  lk.addCoordinates = function (map, readout, words) {
    const box = lk.element('div', 'lk-coordinates'), study = lk.element('span', '', box), degrees = lk.element('span', '', box);
    const say = latlng => {
      study.textContent = lk.coordinateText(readout, words, latlng);
      degrees.textContent = (study.textContent && '  ·  ') + latlng.lng.toFixed(5) + '°, ' + latlng.lat.toFixed(5) + '°';
      degrees.className = study.textContent && 'lk-degrees';   // on a phone the study's own coordinates must do
    };
    map.on('mousemove', event => say(event.latlng));
    map.on('moveend', () => say(map.getCenter()));
    box.setAttribute('aria-label', words.coordinates);
    lk.control('bottomleft', box).addTo(map);
    say(map.getCenter());
  };
})(window.landkit = window.landkit || {});
