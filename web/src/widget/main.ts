/** `widget.js`: loaded by `embed.js` when a widget is first opened or preloaded. One conversation per widget id. */
import type { Bridge } from "../shared/types";
import { Conversation } from "./conversation";
import { discover } from "./discovery";

function start(bridge: Bridge): void {
  const conversations = new Map<string, Conversation>();
  const conversation = (widgetId: string): Conversation => {
    const known = conversations.get(widgetId);
    if (known) return known;
    const made = new Conversation(bridge, widgetId);
    conversations.set(widgetId, made);
    return made;
  };
  bridge.ready({
    open(widgetId, options, element) {
      for (const [id, other] of conversations) if (id !== widgetId) other.close();
      const source = element ?? document.querySelector(`[data-selektable-widget="${CSS.escape(widgetId)}"]`);
      conversation(widgetId).open(discover(document, options, pick(source, element, options)), options);
    },
    close: (widgetId) => conversations.get(widgetId)?.close(),
    preload: (widgetId) => void conversation(widgetId),
    identityChanged: () => conversations.forEach((each) => each.identityChanged()),
  });
}

/** With `open(widgetId, options)` the page's element fills gaps only when it is about the same product. */
function pick(source: Element | null, clicked: Element | null, { productId }: { productId?: string | number }): Element | null {
  if (clicked || productId === undefined) return clicked ?? source;
  return (source as HTMLElement | null)?.dataset.productId === String(productId) ? source : null;
}

const { selektable } = document.currentScript as HTMLScriptElement & { selektable?: Bridge };
if (selektable) start(selektable);
