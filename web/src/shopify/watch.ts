/** Notices what the page does with its cart, without replacing any function of the page. */
import { changesCart } from "./cart";

const TO_CHECKOUT = '[name=checkout],a[href*="/checkout"],[formaction*="/checkout"]';

const leads = (target: unknown, selector: string): boolean => target instanceof Element && target.matches(selector);

/** Calls `changed` after a request that changed the cart, and `leaving` right before the checkout opens. */
export function watchPage(changed: () => void, leaving: () => void): void {
  const observer = new PerformanceObserver((list) => {
    if (list.getEntries().some(({ name }) => changesCart(name))) changed();
  });
  observer.observe({ type: "resource", buffered: true });
  addEventListener("click", (event) => event.composedPath().some((target) => leads(target, TO_CHECKOUT)) && leaving(), true);
  const submitted = ({ target, submitter }: SubmitEvent): void => {
    if (leads(submitter, TO_CHECKOUT) || leads(target, 'form[action*="/checkout"]')) leaving();
  };
  addEventListener("submit", submitted, true);
  // Back from the checkout, the cart may be another.
  addEventListener("pageshow", ({ persisted }) => persisted && changed());
}
