/// What a page does by itself: it reads out numbers under the pointer or at the arrow keys, and
/// turns scenes.
let pageScript = #"""
  'use strict';
  const tip = document.getElementById('tip');
  const svgName = 'http://www.w3.org/2000/svg';
  const shown = v => v === null || v === undefined ? '–' : String(v).replace('-', '−');
  const number = v => Array.isArray(v)
    ? shown(v[0]) + ' (' + shown(v[1]) + ' … ' + shown(v[2]) + ')' : shown(v);

  function show(text, x, y) {
    tip.textContent = text;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - box.width - 4)) + 'px';
    tip.style.top = (y + 18 + box.height > innerHeight ? y - box.height - 12 : y + 18) + 'px';
  }

  function hide(figure) {
    tip.hidden = true;
    figure.querySelectorAll('.cursor').forEach(c => c.remove());
  }

  function cursor(svg, d) {
    const path = document.createElementNS(svgName, 'path');
    path.setAttribute('class', 'cursor');
    path.setAttribute('d', d);
    svg.appendChild(path);
  }

  /* From pixels of the window to those of the drawing, and back. */
  const inside = (svg, e) => new DOMPoint(e.clientX, e.clientY)
    .matrixTransform(svg.getScreenCTM().inverse());
  const outside = (svg, x, y) => new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());

  function chart(figure, svg, data) {
    const [left, top, right, bottom] = svg.dataset.plot.split(' ').map(Number);
    const across = data.k === 'x';
    let at = -1;
    function read(index, e) {
      at = Math.max(0, Math.min(index, data.p.length - 1));
      const place = data.p[at];
      if (place === null) return;
      hide(figure);
      cursor(svg, across ? `M${place} ${top}V${bottom}` : `M${left} ${place}H${right}`);
      const name = across ? data.x + ' ' + data.l[at] + (data.u ? ' ' + data.u : '') : data.l[at];
      const lines = data.s.map(s => (s.n || data.y) + ': ' + number(s.v[at]));
      const p = e ? {x: e.clientX, y: e.clientY}
        : outside(svg, across ? place : (left + right) / 2, across ? (top + bottom) / 2 : place);
      show([name, data.y, ...lines].filter(Boolean).join('\n'), p.x, p.y);
    }
    svg.addEventListener('pointermove', e => {
      const p = inside(svg, e), here = across ? p.x : p.y;
      let best = 0;
      data.p.forEach((place, i) => {
        if (place !== null && (data.p[best] === null
          || Math.abs(place - here) < Math.abs(data.p[best] - here))) best = i;
      });
      read(best, e);
    });
    svg.addEventListener('keydown', e => {
      const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1,
        PageDown: 10, PageUp: -10}[e.key];
      if (step) { e.preventDefault(); read(at + step); }
      if (e.key === 'Home') { e.preventDefault(); read(0); }
      if (e.key === 'End') { e.preventDefault(); read(data.p.length - 1); }
      if (e.key === 'Escape') hide(figure);
    });
    for (const event of ['pointerleave', 'blur']) svg.addEventListener(event, () => hide(figure));
  }

  function maps(figure, svgs, data) {
    const [[x0, x1, nx], [y0, y1, ny]] = data.e;
    const values = data.s.map(s => s.v.split(','));
    let at = [Math.floor(nx / 2), Math.floor(ny / 2)];
    svgs.forEach(svg => {
      const [left, top, right, bottom] = svg.dataset.plot.split(' ').map(Number);
      const w = (right - left) / nx, h = (bottom - top) / ny;
      function read(column, row, e) {
        at = [Math.max(0, Math.min(column, nx - 1)), Math.max(0, Math.min(row, ny - 1))];
        hide(figure);
        const box = `M${left + at[0] * w} ${bottom - at[1] * h}h${w}v${-h}h${-w}z`;
        svgs.forEach(s => cursor(s, box));
        const middle = (low, high, n, i) => (low + (high - low) * (i + 0.5) / n).toFixed(1);
        const lines = data.s.map((s, i) =>
          s.n + ': ' + (values[i][at[1] * nx + at[0]] || '–').replace('-', '−'));
        const p = e ? {x: e.clientX, y: e.clientY}
          : outside(svg, left + (at[0] + 1) * w, bottom - at[1] * h);
        show([data.x + ' ' + middle(x0, x1, nx, at[0]) + ', ' + data.y + ' '
          + middle(y0, y1, ny, at[1]) + ' ' + data.u, ...lines].join('\n').replace(/-/g, '−'),
          p.x, p.y);
      }
      svg.addEventListener('pointermove', e => {
        const p = inside(svg, e);
        const column = Math.floor((p.x - left) / w), row = Math.floor((bottom - p.y) / h);
        if (column < 0 || row < 0 || column >= nx || row >= ny) return hide(figure);
        read(column, row, e);
      });
      svg.addEventListener('keydown', e => {
        const steps = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
        const step = steps[e.key];
        if (step) { e.preventDefault(); read(at[0] + step[0], at[1] + step[1]); }
        if (e.key === 'Escape') hide(figure);
      });
      for (const event of ['pointerleave', 'blur']) svg.addEventListener(event, () => hide(figure));
    });
  }

  function scene(figure, data) {
    const canvas = figure.querySelector('canvas'), pen = canvas.getContext('2d');
    const buttons = [...figure.querySelectorAll('button')];
    let choice = 0, rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1], zoom = 1;
    const reach = Math.max(1, ...data.p.flatMap(p => data.r.map((_, i) =>
      Math.hypot(p[3 * i], p[3 * i + 1], p[3 * i + 2]))));
    function turn(dx, dy) {
      const [c, s, d, t] = [Math.cos(dx), Math.sin(dx), Math.cos(dy), Math.sin(dy)];
      const m = [c, 0, s, s * t, d, -c * t, -s * d, t, c * d], r = rotation;
      rotation = [0, 1, 2].flatMap(i => [0, 1, 2].map(j =>
        m[3 * i] * r[j] + m[3 * i + 1] * r[3 + j] + m[3 * i + 2] * r[6 + j]));
      draw();
    }
    function draw() {
      const {width, height} = canvas, p = data.p[choice], r = rotation;
      const scale = zoom * 0.47 * Math.min(width, height) / reach;
      const style = getComputedStyle(document.documentElement);
      const dark = style.getPropertyValue('--page').trim() === '#131316';
      pen.clearRect(0, 0, width, height);
      const balls = data.r.map((radius, i) => {
        const [x, y, z] = [p[3 * i], p[3 * i + 1], p[3 * i + 2]];
        const depth = r[6] * x + r[7] * y + r[8] * z, near = 1 + 0.12 * depth / reach;
        return {x: width / 2 + near * scale * (r[0] * x + r[1] * y + r[2] * z),
          y: height / 2 - near * scale * (r[3] * x + r[4] * y + r[5] * z),
          z: depth, radius: near * scale * radius, colour: data.c[i]};
      });
      const parts = balls.map(b => ({z: b.z, ball: b}));
      for (let i = 0; i < data.b.length; i += 2) {
        const [a, b] = [balls[data.b[i]], balls[data.b[i + 1]]];
        parts.push({z: (a.z + b.z) / 2 - 1, a: a, b: b});
      }
      parts.sort((a, b) => a.z - b.z);
      for (const {z, ball, a, b} of parts) {
        pen.globalAlpha = 0.55 + 0.45 * Math.min(1, Math.max(0, (z / reach + 1) / 1.4));
        if (ball) {
          const {x, y, radius, colour} = ball;
          const shade = pen.createRadialGradient(
            x - radius / 3, y - radius / 3, radius / 10, x, y, radius);
          shade.addColorStop(0, '#ffffff');
          shade.addColorStop(0.35, colour);
          shade.addColorStop(1, dark ? colour : '#2a2a2a');
          pen.fillStyle = shade;
          pen.beginPath();
          pen.arc(x, y, radius, 0, 2 * Math.PI);
          pen.fill();
        } else {
          pen.strokeStyle = dark ? '#8c8c94' : '#77777d';
          pen.lineWidth = Math.max(2, scale * 11);
          pen.lineCap = 'round';
          pen.beginPath();
          pen.moveTo(a.x, a.y);
          pen.lineTo(b.x, b.y);
          pen.stroke();
        }
      }
      pen.globalAlpha = 1;
    }
    canvas.addEventListener('pointerdown', e => {
      canvas.setPointerCapture(e.pointerId);
      let [x, y] = [e.clientX, e.clientY];
      const move = e => {
        turn((e.clientX - x) / 120, (e.clientY - y) / 120);
        [x, y] = [e.clientX, e.clientY];
      };
      canvas.addEventListener('pointermove', move);
      const end = () => canvas.removeEventListener('pointermove', move);
      canvas.addEventListener('pointerup', end, {once: true});
      canvas.addEventListener('pointercancel', end, {once: true});
    });
    canvas.addEventListener('keydown', e => {
      const step = {ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15],
        ArrowDown: [0, 0.15]}[e.key];
      if (step) { e.preventDefault(); turn(...step); }
      if (e.key === '+' || e.key === '-') { zoom *= e.key === '+' ? 1.1 : 1 / 1.1; draw(); }
    });
    buttons.forEach((button, i) => button.addEventListener('click', () => {
      choice = i;
      buttons.forEach((b, j) => b.setAttribute('aria-pressed', i === j));
      draw();
    }));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
    turn(0.5, 0.35);
  }

  document.querySelectorAll('figure').forEach(figure => {
    const source = figure.querySelector('script[type="application/json"]');
    if (!source) return;
    const data = JSON.parse(source.textContent);
    const svgs = [...figure.querySelectorAll('svg')];
    if (figure.classList.contains('scene')) scene(figure, data);
    else if (data.k === 'map') maps(figure, svgs, data);
    else chart(figure, svgs[0], data);
  });
  if (matchMedia('(max-width: 940px)').matches) document.querySelector('nav details').open = false;
  """#
