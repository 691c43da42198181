// The little that only a browser can do: the theme, and keys. Everything else is on the server.
(() => {
    'use strict';
    const root = document.documentElement;
    const themes = ['auto', 'light', 'dark'];
    const said = { auto: ['◐', 'as the system'], light: ['☀', 'light'], dark: ['☾', 'dark'] };
    let theme = 'auto';
    try { theme = localStorage.getItem('gradus-theme') ?? 'auto'; } catch { /* private windows may refuse */ }
    if (!themes.includes(theme)) theme = 'auto';

    function show() {
        if (theme === 'auto') root.removeAttribute('data-theme');
        else root.setAttribute('data-theme', theme);
        for (const button of document.querySelectorAll('[data-theme-switch]')) {
            const [sign, words] = said[theme];
            if (button.textContent !== sign) button.textContent = sign;
            button.setAttribute('aria-label', `Theme: ${words}`);
            button.title = `Theme: ${words}`;
        }
    }

    show();
    // The server draws the bar again when it takes over the page, and with it the button as it is without a choice.
    document.addEventListener('DOMContentLoaded', () => {
        show();
        new MutationObserver(show).observe(document.body, { childList: true });
    });

    document.addEventListener('click', event => {
        const target = event.target.closest?.('[data-theme-switch], [data-skip]');
        if (!target) return;
        if (target.matches('[data-skip]')) {
            // The base address would turn "#main" into another page.
            event.preventDefault();
            document.getElementById('main')?.focus();
            return;
        }
        theme = themes[(themes.indexOf(theme) + 1) % themes.length];
        try { localStorage.setItem('gradus-theme', theme); } catch { /* then it holds for this page only */ }
        show();
    });

    // A server that was away is asked every other second, however long it takes.
    document.addEventListener('DOMContentLoaded', () => Blazor.start({ circuit: { reconnectionOptions: { maxRetries: 1e9, retryIntervalMilliseconds: 2000 } } }));
    // Started anew it knows nothing of this page, or not even of this visitor: then the page is loaded again. The event does not bubble.
    document.addEventListener('components-reconnect-state-changed', async event => {
        const stranger = async () => (await fetch(location.href, { method: 'HEAD' }).catch(() => null))?.status === 401;
        if (event.detail.state === 'rejected' || (event.detail.state === 'retrying' && await stranger())) {
            const unsaved = document.querySelector('.noted button[type=submit]:not([disabled])');
            if (!unsaved || confirm('The dashboard was started anew, and what you have written here is not saved. Load the page again without it?')) location.reload();
        }
    }, true);

    const writing = element => element?.matches?.('input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]');

    document.addEventListener('keydown', event => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === '/' && !writing(event.target)) {
            const search = document.querySelector('[data-search]');
            if (search) { event.preventDefault(); search.focus(); search.select?.(); }
        } else if (event.key === 'Escape') {
            const open = event.target.closest?.('details.menu[open]');
            if (open) { open.open = false; open.querySelector('summary')?.focus(); }
            else if (event.target.matches?.('[data-search]')) event.target.blur();
        } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && event.target.closest?.('tr[data-row]') && !writing(event.target)) {
            // From row to row, in the column of what has the focus.
            const row = event.target.closest('tr[data-row]'), cell = event.target.closest('td, th');
            let next = row;
            do next = event.key === 'ArrowDown' ? next.nextElementSibling : next.previousElementSibling;
            while (next && !next.matches('tr[data-row]'));
            const focus = next?.children[cell.cellIndex]?.querySelector('a, button, input');
            if (focus) { event.preventDefault(); focus.focus(); focus.scrollIntoView({ block: 'nearest' }); }
        }
    });

    // A gallery holds only the rows that are on the screen: one that is not there yet is scrolled to, and drawn a moment later.
    function focusShot(gallery, at, patience = 60) {
        const shot = gallery.querySelector(`[data-at="${at}"]`);
        if (shot) { shot.focus({ preventScroll: true }); shot.scrollIntoView({ block: 'nearest' }); return; }
        const row = Math.floor(at / gallery.dataset.columns) * gallery.dataset.row;
        if (patience === 60) scrollTo(0, gallery.getBoundingClientRect().top + scrollY + row - innerHeight / 3);
        if (patience > 0) requestAnimationFrame(() => focusShot(gallery, at, patience - 1));
    }

    document.addEventListener('keydown', event => {
        const shot = event.target.closest?.('.shot'), gallery = shot?.closest('.gallery');
        if (!gallery || event.ctrlKey || event.metaKey || event.altKey) return;
        const columns = Number(gallery.dataset.columns);
        const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
        const next = Number(shot.dataset.at) + step;
        if (!step || next < 0 || next >= Number(gallery.dataset.count)) return;
        event.preventDefault();
        focusShot(gallery, next);
    });

    document.addEventListener('click', event => {
        event.target.closest?.('[data-close]')?.closest('dialog')?.close();
    });

    // Failures of images do not bubble.
    document.addEventListener('error', event => event.target.closest?.('.photo')?.classList.add('broken'), true);
    document.addEventListener('load', event => event.target.closest?.('.photo')?.classList.remove('broken'), true);

    // A chart is drawn once the drawing library has been loaded, and again when its values change. What it was to be drawn into
    // may have left the page by then: that is no error, and must not keep the charts after it from being drawn.
    let plotly;
    Object.defineProperty(window, 'Plotly', {
        configurable: true,
        get: () => plotly,
        set(library) {
            plotly = { ...library };
            for (const [name, work] of Object.entries(library)) {
                if (typeof work !== 'function') continue;
                plotly[name] = (...given) =>
                    typeof given[0] === 'string' && given[0].startsWith('PlotlyChart') && !document.getElementById(given[0])
                        ? Promise.resolve()
                        : work.apply(library, given);
            }
        },
    });

    window.gradus = {
        // Tells the server how much room there is, now and whenever it changes.
        measure(element, server) {
            if (!element) return; // the page was left meanwhile
            const observer = new ResizeObserver(entries => {
                if (!element.isConnected) { observer.disconnect(); return; }
                server.invokeMethodAsync('Measured', entries[0].contentRect.width).catch(() => observer.disconnect());
            });
            observer.observe(element);
        },
        // The focus returns to the image that was looked at last, and not to the first.
        open(dialog) {
            if (!dialog || dialog.open) return;
            const gallery = document.querySelector('.gallery');
            dialog.addEventListener('close', () => { if (gallery?.isConnected) focusShot(gallery, Number(dialog.dataset.at)); }, { once: true });
            dialog.showModal();
        },
    };

    document.addEventListener('click', event => {
        for (const menu of document.querySelectorAll('details.menu[open]'))
            if (!menu.contains(event.target)) menu.open = false;
    });
})();
