/* Runs first, in any browser since 2000: if the scripts after it could not be read, say so in a plain sentence. */
(function () {
  function look() {
    var box = document.getElementById('lk-loading');
    if (!box || (window.landkit && window.landkit.views)) return;
    box.firstChild.innerHTML = '';
    box.firstChild.appendChild(document.createTextNode(box.getAttribute('data-too-old')));
    box.className = 'lk-loading lk-broken';
  }
  if (window.addEventListener) window.addEventListener('load', look, false);
  else if (window.attachEvent) window.attachEvent('onload', look);
})();
