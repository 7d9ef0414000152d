// The console's page: asks for the state every two seconds and shows it. What other people can name (pods,
// nodes, classes, budgets, reasons) only ever becomes text, never markup.
'use strict';

(() => {
  const PERIOD = 2000;
  const LONGEST_PERIOD = 30000;
  const PATIENCE = 15000;
  const FEW = 25;

  const $ = (id) => document.getElementById(id);
  const shownAll = new Set();
  let state = null;
  let paused = false;
  let signedOut = false;
  let failures = 0;
  let timer = 0;
  let receivedAt = 0;

  // --- words

  const number = new Intl.NumberFormat('en');
  const count = (n) => (n === null || n === undefined ? '–' : number.format(n));

  function duration(seconds) {
    if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
    if (seconds < 10) return `${seconds.toFixed(1)} s`;
    if (seconds < 120) return `${Math.round(seconds)} s`;
    if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
    if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
    return `${Math.round(seconds / 86400)} d`;
  }

  function bytes(n) {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
    let unit = 0;
    while (n >= 1024 && unit < units.length - 1) {
      n /= 1024;
      unit++;
    }
    return `${n >= 100 || unit === 0 ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
  }

  // 0.000002 is read as 2 µ: millionths of the currency unit.
  function price(text) {
    const value = Number(text);
    if (text === '' || !Number.isFinite(value)) return 'no price';
    if (value >= 0.001) return text;
    const micro = Number((value * 1e6).toFixed(3));
    return `${micro} µ`;
  }

  function money(text) {
    const value = Number(text);
    if (text === '') return '–';
    return value !== 0 && value < 0.01 ? String(Number(value.toPrecision(2))) : value.toFixed(2);
  }

  const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

  // --- building

  function element(name, text, ...classes) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    made.classList.add(...classes.filter(Boolean));
    return made;
  }

  const tag = (text, tone) => element('span', text, 'tag', tone);

  function named(name, below) {
    const made = document.createDocumentFragment();
    made.append(element('span', name, 'name'));
    if (below) made.append(element('span', below, 'sub'));
    return made;
  }

  function gauge(percent, text, tone, mark) {
    const made = element('span', undefined, 'gauge', tone);
    const track = element('span', undefined, 'track');
    track.setAttribute('aria-hidden', 'true');
    const fill = element('span', undefined, 'fill');
    fill.style.setProperty('--part', `${Math.max(0, Math.min(100, percent))}%`);
    track.append(fill);
    if (mark !== undefined) {
      const line = element('span', undefined, 'mark');
      line.style.setProperty('--at', `${Math.max(0, Math.min(100, mark))}%`);
      track.append(line);
    }
    made.append(track, element('span', text, 'text'));
    return made;
  }

  // A cell is text, a number (aligned right), or a function that makes a node.
  const numeric = (text, isZero) => ({ text, numeric: true, zero: isZero });

  /**
   * Brings a table's rows to what is given. Rows keep their identity by their key, and cells that say the same
   * are left alone, so that a selection, a focus or an open list outlives the next answer.
   */
  function show(id, rows, options = {}) {
    const section = $(id);
    const body = section.querySelector('tbody');
    const labels = [...section.querySelectorAll('th')].map((th) => th.textContent);
    const none = section.querySelector('.none');
    const more = section.querySelector('.more');
    const limit = shownAll.has(id) ? rows.length : FEW;
    const shown = rows.slice(0, limit);

    section.querySelector('table').hidden = rows.length === 0;
    if (none) none.hidden = rows.length > 0;
    if (more) {
      more.hidden = rows.length <= FEW;
      const words = shownAll.has(id) ? `Show the first ${FEW}` : `Show all ${number.format(rows.length)}`;
      if (more.textContent !== words) more.textContent = words;
      more.setAttribute('aria-expanded', String(shownAll.has(id)));
    }

    const before = body.rowsByKey || new Map();
    const now = new Map();
    let next = body.firstElementChild;
    for (const row of shown) {
      let tr = before.get(row.key);
      if (!tr) {
        tr = element('tr');
        tr.setAttribute('role', 'row');
        labels.forEach((label, i) => {
          const td = element('td');
          td.setAttribute('role', i === 0 ? 'rowheader' : 'cell');
          td.dataset.label = label;
          tr.append(td);
        });
        if (options.announceNew && body.rowsByKey) tr.classList.add('new');
      }
      now.set(row.key, tr);
      before.delete(row.key);
      row.cells.forEach((cell, i) => fill(tr.children[i], cell));
      if (tr !== next) body.insertBefore(tr, next);
      else next = next.nextElementSibling;
    }
    before.forEach((gone) => gone.remove());
    body.rowsByKey = now;
  }

  function fill(td, cell) {
    if (typeof cell === 'string' || cell.text !== undefined) {
      const text = typeof cell === 'string' ? cell : cell.text;
      if (td.shownAs !== text) {
        td.textContent = text;
        td.shownAs = text;
      }
      td.classList.toggle('n', Boolean(cell.numeric));
      td.classList.toggle('zero', Boolean(cell.zero));
      if (cell.class) td.classList.add(cell.class);
      return;
    }
    if (td.shownAs === cell.as) return;
    const wasOpen = td.querySelector('details')?.open;
    td.replaceChildren(cell.make());
    const details = td.querySelector('details');
    if (details && wasOpen) details.open = true;
    td.shownAs = cell.as;
  }

  /** A cell of markup: made again only when the values that it is made of differ. */
  const made = (values, make) => ({ as: JSON.stringify(values), make });

  // --- what is shown

  const matches = (filter, ...texts) => filter === '' || texts.some((text) => text.toLowerCase().includes(filter));

  function render() {
    if (!state) return;
    const filter = $('filter').value.trim().toLowerCase();
    $('content').hidden = false;
    summary();
    classes(filter);
    waiting(filter);
    decisions(filter);
    shards();
    nodes(filter);
    budgets(filter);
    const unreached = state.replicas.filter((replica) => !replica.reached);
    notice(unreached.length === 0 ? '' : 'Not the whole cluster: '
      + unreached.map((replica) => `replica ${replica.name} holds shards ${replica.shards.join(', ') || 'none'} and is missing here. ${replica.problem}`).join(' '));
  }

  function summary() {
    const queued = state.classes.reduce((sum, one) => sum + one.waiting, 0) + state.unclassified;
    const longest = Math.max(0, ...state.classes.map((one) => one.longestWaitSeconds));
    const placed = state.classes.reduce((sum, one) => sum + one.placedLastMinute, 0);
    const running = state.classes.reduce((sum, one) => sum + one.instances, 0);
    const ready = state.nodes.filter((node) => node.ready).length;
    const pressed = state.nodes.filter((node) => node.memoryState && node.memoryState !== 'Normal').length;
    const over = state.budgets.filter((budget) => budget.state === 'Exhausted').length;
    const ahead = state.budgets.filter((budget) => budget.state === 'Ahead').length;
    document.title = queued > 0 ? `Fareway · ${number.format(queued)} waiting` : 'Fareway';
    const tiles = [
      ['Waiting', count(queued), queued > 0 ? `longest ${duration(longest)}` : ''],
      ['Placed in the last minute', count(placed), ''],
      ['Instances running', count(running), ''],
      ['Nodes ready', count(ready), `of ${count(state.nodes.length)}`, ready < state.nodes.length],
      ['Nodes short of memory', count(pressed), '', pressed > 0],
      ['Budgets exhausted', count(over), ahead > 0 ? `${count(ahead)} ahead` : '', over > 0],
    ];
    const list = $('summary');
    tiles.forEach(([label, value, below, alarm], i) => {
      let tile = list.children[i];
      if (!tile) {
        tile = element('div');
        tile.append(element('dt', label), element('dd'));
        list.append(tile);
      }
      const as = `${value} ${below}`;
      tile.classList.toggle('alarm', Boolean(alarm));
      if (tile.shownAs !== as) {
        tile.lastChild.replaceChildren(value);
        if (below) tile.lastChild.append(' ', element('small', below));
        tile.shownAs = as;
      }
    });
  }

  function classes(filter) {
    const rows = state.classes.filter((one) => matches(filter, one.name)).map((one) => ({
      key: one.name,
      cells: [
        made([one.name, one.isDefault, one.swap, one.cpu], () => named(one.name,
          [one.isDefault ? 'default' : '', one.swap === 'Never' ? 'never swapped' : '', {RealTime: 'real time', Weighted: 'by weight'}[one.cpu] || ''].filter(Boolean).join(' · '))),
        numeric(price(one.pricePerCpuSecond)),
        numeric(count(one.functions), one.functions === 0),
        numeric(count(one.instances), one.instances === 0),
        numeric(count(one.waiting), one.waiting === 0),
        numeric(one.waiting > 0 ? duration(one.longestWaitSeconds) : '–', one.waiting === 0),
        numeric(count(one.placedLastMinute), one.placedLastMinute === 0),
        numeric(one.placedLastMinute > 0 ? duration(one.meanWaitSeconds) : '–', one.placedLastMinute === 0),
      ],
    }));
    if (state.unclassified > 0) {
      rows.push({ key: ' none', cells: [
        made('none', () => named('No class', 'theirs does not exist')), numeric('–'), numeric('–'), numeric('–'),
        numeric(count(state.unclassified)), numeric('–'), numeric('–'), numeric('–')] });
    }
    show('classes', rows);
  }

  const podCell = (of) => made([of.pod, of.namespace], () => named(of.pod, of.namespace));

  function waiting(filter) {
    show('waiting', state.waiting
      .filter((pod) => matches(filter, pod.pod, pod.namespace, pod.priceClass, pod.reason))
      .map((pod) => ({
        key: `${pod.namespace}/${pod.pod}`,
        cells: [podCell(pod), pod.priceClass || 'none', numeric(duration(pod.waitSeconds)), numeric(String(pod.shard)), pod.reason],
      })));
  }

  const KINDS = {
    Placed: ['Placed', 'good'], Waits: ['Waits', 'calm'], Preempts: ['Preempts', 'warn'], Evicted: ['Evicted', 'bad'],
    BindingFailed: ['Binding failed', 'warn'], BindingRefused: ['Binding refused', 'warn'],
  };

  function decisions(filter) {
    const seen = new Map();
    show('decisions', state.decisions
      .filter((one) => matches(filter, one.pod, one.namespace, one.priceClass, one.node, one.kind, one.reason))
      .map((one) => {
        const [word, tone] = KINDS[one.kind] || [one.kind, 'calm'];
        const base = `${one.at} ${one.kind} ${one.namespace}/${one.pod} ${one.node}`;
        const times = (seen.get(base) || 0) + 1;
        seen.set(base, times);
        return {
          key: `${base} ${times}`,
          cells: [
            { text: clock.format(new Date(one.at)), class: 'time' },
            made([word, tone], () => tag(word, tone)),
            podCell(one),
            one.priceClass || 'none',
            one.node || '–',
            numeric(one.kind === 'Evicted' ? '–' : duration(one.waitSeconds)),
            one.reason,
          ],
        };
      }), { announceNew: true });
  }

  function shards() {
    show('shards', state.shards.map((shard) => ({
      key: String(shard.shard),
      cells: [
        made(shard.shard, () => named(String(shard.shard))),
        shard.replica ? shard.replica : made('nobody', () => tag('nobody holds it', 'bad')),
        shard.known ? numeric(count(shard.waiting), shard.waiting === 0) : numeric('not known'),
        numeric(shard.known && shard.waiting > 0 ? duration(shard.longestWaitSeconds) : '–', true),
        { text: shard.queues.map((queue) => `${queue.priceClass || 'no class'} ${count(queue.waiting)}`).join(', ') || '–', zero: shard.queues.length === 0 },
        shard.known ? idleList(shard) : '–',
      ],
    })));
  }

  function idleList(shard) {
    if (shard.idleNodes === 0) return { text: 'empty', zero: true };
    return made([shard.shard, shard.idleNodes, shard.idle], () => {
      const details = element('details');
      details.append(element('summary', `${count(shard.idleNodes)} ${shard.idleNodes === 1 ? 'node' : 'nodes'}`));
      const list = element('ul');
      shard.idle.forEach((node) => list.append(element('li',
        `${node.node}: ${count(node.functions)} functions, ${bytes(node.availableMemoryBytes)} free`)));
      const left = shard.idleNodes - shard.idle.length;
      if (left > 0) list.append(element('li', `and ${count(left)} more`));
      details.append(list);
      return details;
    });
  }

  const MODES = {
    RealTime: 'real time', Weighted: 'by weight', Off: 'off', DryRun: 'dry run', Unavailable: 'not possible',
  };

  function nodeState(node) {
    if (!node.ready) return ['not ready', 'bad'];
    if (node.memoryState === 'Critical') return ['out of memory', 'bad'];
    if (node.memoryState === 'Pressure') return ['short of memory', 'warn'];
    if (!node.connected) return ['no daemon', 'warn'];
    if (!node.schedulable) return ['cordoned', 'calm'];
    return ['ready', 'good'];
  }

  function share(used, total, tone) {
    const percent = total > 0 ? (100 * used) / total : 0;
    return made([bytes(used), bytes(total), Math.round(percent), tone],
      () => gauge(percent, `${bytes(used)} of ${bytes(total)}`, tone));
  }

  function nodes(filter) {
    const order = { bad: 0, warn: 1, calm: 2, good: 3 };
    const rows = state.nodes.filter((node) => matches(filter, node.name, node.enforcement));
    rows.sort((a, b) => order[nodeState(a)[1]] - order[nodeState(b)[1]] || a.name.localeCompare(b.name, undefined, { numeric: true }));
    show('nodes', rows.map((node) => {
      const [word, tone] = nodeState(node);
      const alarm = node.memoryState === 'Critical' ? 'bad' : node.memoryState === 'Pressure' ? 'warn' : '';
      const knowsMemory = node.memoryTotalBytes !== null && node.memoryAvailableBytes !== null;
      return {
        key: node.name,
        cells: [
          made(node.name, () => named(node.name)),
          made([word, tone], () => tag(word, tone)),
          numeric(count(node.functions), node.functions === 0),
          knowsMemory ? share(node.memoryTotalBytes - node.memoryAvailableBytes, node.memoryTotalBytes, alarm)
            : { text: node.memoryTotalBytes === null ? '–' : `of ${bytes(node.memoryTotalBytes)}`, zero: true },
          node.swapTotalBytes === null ? { text: '–', zero: true }
            : node.swapTotalBytes === 0 ? { text: 'no swap', zero: true }
              : share(node.swapUsedBytes, node.swapTotalBytes, ''),
          made([node.enforcement, node.enforced, node.enforcementMessage], () => node.enforcement === ''
            ? element('span', '–', 'zero')
            : enforcement(node)),
        ],
      };
    }));
  }

  function enforcement(node) {
    const made = document.createDocumentFragment();
    made.append(tag(MODES[node.enforcement] || node.enforcement, node.enforced ? 'good' : 'warn'));
    if (node.enforcementMessage) made.append(element('span', node.enforcementMessage, 'sub'));
    return made;
  }

  const BUDGETS = { Within: ['within', 'good'], Ahead: ['ahead', 'warn'], Exhausted: ['exhausted', 'bad'] };
  const ACTIONS = { None: '–', Degrade: 'cheaper class', Throttle: 'throttled' };

  function budgets(filter) {
    show('budgets', state.budgets
      .filter((budget) => matches(filter, budget.name, budget.namespace, budget.state))
      .map((budget) => {
        const [word, tone] = budget.problem ? ['has a problem', 'bad'] : BUDGETS[budget.state] || ['not judged yet', 'calm'];
        return {
          key: `${budget.namespace}/${budget.name}`,
          cells: [
            made([budget.name, budget.namespace], () => named(budget.name, budget.namespace)),
            made([word, tone, budget.problem], () => {
              const all = document.createDocumentFragment();
              all.append(tag(word, tone));
              if (budget.problem) all.append(element('span', budget.problem, 'sub'));
              return all;
            }),
            made([budget.spentPercent, budget.monthPercent, tone], () => gauge(budget.spentPercent,
              `${budget.spentPercent.toFixed(0)}%, month ${budget.monthPercent.toFixed(0)}% over`, tone === 'good' ? '' : tone, budget.monthPercent)),
            numeric(money(budget.spent)),
            numeric(money(budget.limit)),
            numeric(budget.forecast === '' ? '–' : money(budget.forecast)),
            budget.action === '' ? '–' : ACTIONS[budget.action] || budget.action,
          ],
        };
      }));
  }

  // --- asking

  function notice(text) {
    const box = $('notice');
    if (box.textContent !== text) box.textContent = text;
    box.hidden = text === '';
  }

  function sync(text, tone) {
    if ($('sync').textContent !== text) $('sync').textContent = text;
    $('dot').className = `dot ${tone}`;
  }

  function signIn(why) {
    $('content').hidden = true;
    $('signout').hidden = true;
    document.body.classList.add('out');
    notice('');
    sync('Signed out', '');
    const form = $('signin');
    $('signin-why').textContent = why;
    if (form.hidden) {
      form.hidden = false;
      $('token').focus();
    }
  }

  async function ask() {
    clearTimeout(timer);
    const end = new AbortController();
    const patience = setTimeout(() => end.abort(), PATIENCE);
    try {
      const response = await fetch('state', { signal: end.signal, credentials: 'same-origin', headers: { Accept: 'application/json' } });
      if (response.status === 401 || response.status === 403) {
        const why = (await response.text()).trim();
        signedOut = true;
        signIn(response.status === 401 ? '' : why);
        return;
      }
      if (!response.ok) throw new Error((await response.text()).trim());
      $('signout').hidden = response.headers.get('Fareway-Session') !== 'cookie';
      state = await response.json();
      receivedAt = Date.now();
      failures = 0;
      render();
      tell();
    } catch (failure) {
      failures++;
      const since = receivedAt === 0 ? '' : ` since ${clock.format(new Date(receivedAt))}`;
      sync(`No answer${since}, trying again`, 'lost');
      if (failures > 1) notice(`The operator does not answer${since}: what is shown is old. ${failure.name === 'AbortError' ? '' : failure.message}`);
    } finally {
      clearTimeout(patience);
    }
    next();
  }

  function tell() {
    sync(`${paused ? 'Paused at' : 'Live,'} ${clock.format(new Date(state.at))} · ${state.replica}`, paused ? '' : 'live');
  }

  function next() {
    clearTimeout(timer);
    if (paused || signedOut || document.hidden) return;
    timer = setTimeout(ask, failures === 0 ? PERIOD : Math.min(LONGEST_PERIOD, PERIOD * 2 ** failures));
  }

  // --- what people do

  $('pause').addEventListener('click', () => {
    paused = !paused;
    $('pause').setAttribute('aria-pressed', String(paused));
    if (state) tell();
    if (!paused && !signedOut) ask();
    else clearTimeout(timer);
  });
  $('filter').addEventListener('input', render);
  document.querySelectorAll('.more').forEach((button) => button.addEventListener('click', () => {
    const id = button.closest('section').id;
    if (!shownAll.delete(id)) shownAll.add(id);
    render();
  }));
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && !paused && !signedOut) ask();
    else clearTimeout(timer);
  });
  $('signin').addEventListener('submit', async (event) => {
    event.preventDefault();
    const field = $('token');
    try {
      const response = await fetch('session', { method: 'POST', credentials: 'same-origin', body: field.value.trim() });
      if (!response.ok) {
        $('signin-why').textContent = (await response.text()).trim();
        field.select();
        return;
      }
    } catch (failure) {
      $('signin-why').textContent = `The operator does not answer: ${failure.message}`;
      return;
    }
    field.value = '';
    $('signin').hidden = true;
    document.body.classList.remove('out');
    signedOut = false;
    ask();
  });
  $('signout').addEventListener('click', async () => {
    await fetch('session', { method: 'DELETE', credentials: 'same-origin' }).catch(() => {});
    signedOut = true;
    state = null;
    clearTimeout(timer);
    signIn('');
  });

  ask();
})();
