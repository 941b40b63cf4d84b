/* Reading an LKP2 block: base64 -> gunzip -> header and columns.  The format is described in block.py. */
(function (lk) {
  'use strict';

  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const MISSING_TEXT = '\u0001';

  function fromBase64(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const value = new Uint8Array(128);
    for (let k = 0; k < 64; k++) value[ALPHABET.charCodeAt(k)] = k;
    const length = text.replace(/=+$/, '').length;
    const bytes = new Uint8Array(Math.floor(length * 3 / 4));
    for (let from = 0, to = 0; from < length; from += 4) {
      const four = value[text.charCodeAt(from)] << 18 | value[text.charCodeAt(from + 1)] << 12 |
        value[text.charCodeAt(from + 2)] << 6 | value[text.charCodeAt(from + 3)];
      bytes[to++] = four >> 16;
      bytes[to++] = four >> 8;                    // past the end of the array: ignored
      bytes[to++] = four;
    }
    return bytes;
  }

  function gunzip(bytes) {
    if (typeof DecompressionStream === 'undefined') return Promise.resolve(fflate.gunzipSync(bytes));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Response(stream).arrayBuffer().then(buffer => new Uint8Array(buffer));
  }

  function unzigzag(code) {
    return code >>> 1 ^ -(code & 1);
  }

  class Block {
    constructor(bytes) {
      const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
      this.bytes = bytes;
      this.header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
      let at = 8 + headerLength;
      this.sections = this.header.sections.map(function (section) {
        const place = { at: at, count: section[0], width: section[1] };
        at += place.count * place.width;
        return place;
      });
    }

    /* Byte planes back to numbers: all lowest bytes come first, then all second bytes, ... */
    ints(number) {
      const section = this.sections[number], bytes = this.bytes, out = new Uint32Array(section.count);
      for (let plane = 0; plane < section.width; plane++) {
        const start = section.at + plane * section.count, shift = 8 * plane;
        for (let i = 0; i < section.count; i++) out[i] |= bytes[start + i] << shift;
      }
      return out;
    }

    floats(number) {
      const section = this.sections[number], out = new Uint8Array(section.count * 8);
      for (let plane = 0; plane < 8; plane++) {
        const start = section.at + plane * section.count;
        for (let i = 0; i < section.count; i++) out[8 * i + plane] = this.bytes[start + i];
      }
      return new Float64Array(out.buffer);
    }

    /* Running sums of signed steps: coordinates. */
    path(number) {
      const steps = this.ints(number), out = new Int32Array(steps.length);
      for (let i = 0, sum = 0; i < steps.length; i++) out[i] = sum += unzigzag(steps[i]);
      return out;
    }

    /* x and y of every vertex: 0 names the next place not seen yet, else how far the place lies from the one before. */
    vertices(names, xs, ys) {
      const codes = this.ints(names), placeX = this.path(xs), placeY = this.path(ys);
      const x = new Int32Array(codes.length), y = new Int32Array(codes.length);
      for (let i = 0, at = 0, fresh = 0; i < codes.length; i++) {
        at = codes[i] ? at + unzigzag(codes[i] - 1) : fresh++;
        x[i] = placeX[at];
        y[i] = placeY[at];
      }
      return [x, y];
    }

    /* Running sums of lengths: where each row or ring starts, one more at the end. */
    starts(number) {
      const lengths = this.ints(number), out = new Uint32Array(lengths.length + 1);
      for (let i = 0; i < lengths.length; i++) out[i + 1] = out[i] + lengths[i];
      return out;
    }

    /* A copy: the block itself can go once shapes and numbers are read. */
    copy(number) {
      const section = this.sections[number];
      return this.bytes.slice(section.at, section.at + section.count);
    }
  }

  /* A column answers `value(row)`: a number, a text, or null. */
  class NumberColumn {
    constructor(block, info) {
      this.grouped = !info.whole;
      this.numbers = info.kind === 'float' ? block.floats(info.section) : scaled(block.ints(info.section), info.decimals);
    }

    value(row) {
      const number = this.numbers[row];
      return isNaN(number) ? null : number;
    }
  }

  function scaled(codes, decimals) {
    const power = Math.pow(10, decimals), out = new Float64Array(codes.length);
    for (let i = 0; i < codes.length; i++) out[i] = codes[i] ? unzigzag(codes[i] - 1) / power : NaN;
    return out;
  }

  class CategoryColumn {
    constructor(block, info) {
      this.values = info.values;
      this.codes = block.ints(info.section);          // 0 is missing, k + 1 is values[k]
    }

    value(row) {
      return this.codes[row] ? this.values[this.codes[row] - 1] : null;
    }
  }

  class TextColumn {
    constructor(block, info) {
      this.bytes = block.copy(info.section);           // decoded when first asked for
      this.texts = null;
    }

    value(row) {
      if (!this.texts) this.read();
      const text = this.texts[row];
      return text === MISSING_TEXT ? null : text;
    }

    read() {
      this.texts = new TextDecoder().decode(this.bytes).split('\u0000');
      this.bytes = null;
    }
  }

  function column(block, info) {
    if (info.kind === 'text') return new TextColumn(block, info);
    if (info.kind === 'category') return new CategoryColumn(block, info);
    return new NumberColumn(block, info);
  }

  /* Take the data out of the page (the text is not needed again) and read it. */
  lk.readBlock = function (elementId) {
    const element = document.getElementById(elementId), text = element.textContent;
    element.remove();
    return Promise.resolve(text).then(fromBase64).then(gunzip).then(function (bytes) {
      const block = new Block(bytes);
      block.columns = block.header.columns.map(info => column(block, info));
      return block;
    });
  };

  lk.readConfig = function (elementId) {
    return JSON.parse(new TextDecoder().decode(fromBase64(document.getElementById(elementId).textContent)));
  };
})(window.landkit = window.landkit || {});
