/* Lengths and areas on the ellipsoid (CGCS2000; WGS 84 differs by 0.1 mm).  Degrees in, metres out. */
(function (lk) {
  'use strict';

  const A = 6378137, F = 1 / 298.257222101, B = A * (1 - F);
  const E2 = F * (2 - F), E = Math.sqrt(E2);
  const RADIAN = Math.PI / 180;
  const LONGEST_STEP = 0.02;                           // degrees; longer edges are cut before their area is summed

  /* Vincenty's inverse formula; nearly antipodal points, where it does not settle, give NaN. */
  lk.distance = function (from, to) {
    const U = Math.atan((1 - F) * Math.tan(from.lat * RADIAN)), V = Math.atan((1 - F) * Math.tan(to.lat * RADIAN));
    const apart = (to.lng - from.lng) * RADIAN;
    const sinU = Math.sin(U), cosU = Math.cos(U), sinV = Math.sin(V), cosV = Math.cos(V);
    let lambda = apart;
    for (let round = 0; round < 100; round++) {
      const sinL = Math.sin(lambda), cosL = Math.cos(lambda);
      const sinSigma = Math.hypot(cosV * sinL, cosU * sinV - sinU * cosV * cosL);
      if (sinSigma === 0) return 0;
      const cosSigma = sinU * sinV + cosU * cosV * cosL, sigma = Math.atan2(sinSigma, cosSigma);
      const sinAlpha = cosU * cosV * sinL / sinSigma, cosSqAlpha = 1 - sinAlpha * sinAlpha;
      const middle = cosSqAlpha ? cosSigma - 2 * sinU * sinV / cosSqAlpha : 0;
      const C = F / 16 * cosSqAlpha * (4 + F * (4 - 3 * cosSqAlpha)), before = lambda;
      lambda = apart + (1 - C) * F * sinAlpha * (sigma + C * sinSigma * (middle + C * cosSigma * (2 * middle * middle - 1)));
      if (Math.abs(lambda - before) < 1e-12) return arc(cosSqAlpha, sigma, sinSigma, cosSigma, middle);
    }
    return NaN;
  };

  function arc(cosSqAlpha, sigma, sinSigma, cosSigma, middle) {
    const u = cosSqAlpha * (A * A - B * B) / (B * B);
    const big = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)));
    const small = u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)));
    const wobble = small * sinSigma * (middle + small / 4 * (cosSigma * (2 * middle * middle - 1) -
      small / 6 * middle * (4 * sinSigma * sinSigma - 3) * (4 * middle * middle - 3)));
    return B * big * (sigma - wobble);
  }

  lk.lengthOf = function (points) {
    let sum = 0;
    for (let k = 1; k < points.length; k++) sum += lk.distance(points[k - 1], points[k]);
    return sum;
  };

  /* Area north of the equator per radian of longitude: the equal-area (authalic) height of a latitude. */
  function height(latitude) {
    const s = Math.sin(latitude * RADIAN);
    return B * B / 2 * (s / (1 - E2 * s * s) + Math.log((1 + E * s) / (1 - E * s)) / (2 * E));
  }

  /* m2 inside a ring of {lat, lng}; edges are straight as drawn on the screen (in Mercator). */
  lk.areaOf = function (points) {
    let sum = 0;
    points.forEach(function (from, k) {
      const to = points[(k + 1) % points.length];
      const steps = Math.max(1, Math.ceil(Math.max(Math.abs(to.lng - from.lng), Math.abs(to.lat - from.lat)) / LONGEST_STEP));
      for (let step = 0; step < steps; step++) {
        const a = between(from, to, step / steps), b = between(from, to, (step + 1) / steps), m = between(from, to, (step + 0.5) / steps);
        sum += (b.lng - a.lng) * RADIAN * (height(a.lat) + 4 * height(m.lat) + height(b.lat)) / 6;
      }
    });
    return Math.abs(sum);
  };

  function mercator(latitude) {
    return Math.asinh(Math.tan(latitude * RADIAN));
  }

  function between(from, to, share) {
    const y = mercator(from.lat) + (mercator(to.lat) - mercator(from.lat)) * share;
    return { lng: from.lng + (to.lng - from.lng) * share, lat: Math.atan(Math.sinh(y)) / RADIAN };
  }
})(window.landkit = window.landkit || {});
