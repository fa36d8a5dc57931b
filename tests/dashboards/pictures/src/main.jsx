import './jquery_first';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { ThemeContext } from '@grafana/data';
import { ErrorBoundaryAlert, GlobalStyles } from '@grafana/ui';
import { theme } from './data';
import { Panel, Row } from './panel';

// settings.json: prometheus, from, to, step, values of variables; board.json: the board.
const [settings, board] = await Promise.all(['settings.json', 'board.json'].map(async (name) => (await fetch(name)).json()));
const column = (window.innerWidth - 8) / 24;
window.waiting = board.panels.filter((panel) => panel.type !== 'row').length;
const height = Math.max(...board.panels.map(({ gridPos }) => gridPos.y + gridPos.h)) * 38 + 4;

createRoot(document.getElementById('root')).render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles />
    <div id="board" style={{ position: 'relative', background: theme.colors.background.canvas, height }}>
      {board.panels.map((panel) => (
        <ErrorBoundaryAlert key={panel.id}>
          {panel.type === 'row' ? <Row panel={panel} column={column} /> : <Panel panel={panel} column={column} settings={settings} whenDone={() => window.waiting--} />}
        </ErrorBoundaryAlert>
      ))}
    </div>
  </ThemeContext.Provider>
);
