/**
 * The modal's looks. Adopted as a constructed style sheet inside a shadow root: no `style-src 'unsafe-inline'` is needed, and
 * neither the shop's styles nor these reach the other.
 */
const CSS = `
:host { all: initial; }
dialog {
  box-sizing: border-box; position: fixed; inset: 0; width: 100%; height: 100%; max-width: none; max-height: none;
  margin: 0; padding: 0; border: 0; overflow: hidden; overscroll-behavior: contain; background: transparent;
  color-scheme: light dark; --paper: #fff; --ink: #18181b; --soft: #f1f1f3; --shine: #fafafb;
  font: 400 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--ink);
}
dialog::backdrop { background: rgb(9 9 11 / .62); backdrop-filter: blur(3px); }
.panel { position: absolute; inset: 0; overflow: hidden; background: var(--paper); }
iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; opacity: 0; color-scheme: light dark; }
.ready iframe { opacity: 1; transition: opacity .18s ease-out; }
.close {
  position: absolute; inset-block-start: 10px; inset-inline-end: 10px; z-index: 1; width: 44px; height: 44px; padding: 0;
  border: 0; border-radius: 50%; background: transparent; color: inherit; cursor: pointer;
}
.close:hover { background: rgb(127 127 135 / .16); }
.close svg { display: block; margin: auto; width: 20px; height: 20px; stroke: currentColor; stroke-width: 2; stroke-linecap: round; }
button:focus-visible { outline: 3px solid #4c7dff; outline-offset: -3px; }
.skeleton { position: absolute; inset: 0; display: grid; grid-template: 64px 1fr 168px / 1fr; gap: 16px; padding: 16px; box-sizing: border-box; }
.ready .skeleton, .failed .skeleton { display: none; }
.skeleton i { border-radius: 12px; background: linear-gradient(100deg, var(--soft) 40%, var(--shine) 50%, var(--soft) 60%) 0 / 300% 100%; animation: shine 1.6s linear infinite; }
.skeleton i:first-child { width: 60%; }
@keyframes shine { from { background-position: 100% 0 } to { background-position: 0 0 } }
.failure { display: none; position: absolute; inset: 0; place-content: center; justify-items: center; gap: 16px; padding: 24px; text-align: center; }
.failed .failure { display: grid; }
.failed iframe { display: none; }
.failure p { margin: 0; max-width: 32ch; }
.failure button { font: inherit; font-weight: 600; min-height: 44px; padding: 0 20px; border: 0; border-radius: 10px; background: var(--ink); color: var(--paper); cursor: pointer; }
@media (min-width: 760px) and (min-height: 480px) {
  .panel { inset: max(24px, (100vh - 820px) / 2) max(24px, (100vw - 1160px) / 2); border-radius: 20px; box-shadow: 0 24px 80px rgb(0 0 0 / .4); }
  .skeleton { grid-template: 1fr 200px / 1fr 360px; }
  .skeleton i:first-child { grid-row: 1 / 3; width: auto; }
}
@media (prefers-color-scheme: dark) { dialog { --paper: #18181b; --ink: #fafafa; --soft: #232327; --shine: #2c2c31; } }
@media (prefers-reduced-motion: no-preference) {
  dialog[open] .panel { animation: rise .22s cubic-bezier(.2, .8, .2, 1); }
  dialog[open]::backdrop { animation: fade .22s ease-out; }
}
@media (prefers-reduced-motion: reduce) { .skeleton i { animation: none; } .ready iframe { transition: none; } }
@keyframes rise { from { opacity: 0; transform: translateY(12px) scale(.99) } }
@keyframes fade { from { opacity: 0 } }
`;

/** Gives the shadow root its style sheet. */
export function dress(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
}
