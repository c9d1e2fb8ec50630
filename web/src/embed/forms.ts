/**
 * Fills the hidden inputs of SPEC section 3: when they appear, again on `submit`, and in the `formdata` event, which is the
 * only one that `form.submit()` fires. A value that the shop set itself is left alone.
 */
import { isOurs } from "./id";
import type { Identities } from "./identity";

const FIELDS = [
  ["visitorId", "input[type=hidden][name=visitorId],input[data-selektable-visitor-id]"],
  ["sessionId", "input[type=hidden][name=sessionId],input[data-selektable-session-id]"],
] as const;

/** Fills forms from now on; gives the function that fills them again at once. */
export function fillForms(identities: Identities): () => void {
  const mayReplace = (value: unknown): boolean =>
    typeof value === "string" && (!value || isOurs(value) || identities.given.has(value));

  const fill = (): void => {
    const identity = identities.current();
    for (const [name, selector] of FIELDS) {
      document.querySelectorAll<HTMLInputElement>(selector).forEach((input) => {
        if (input.value !== identity[name] && mayReplace(input.value)) input.value = identity[name];
      });
    }
  };

  const fillData = ({ target, formData }: FormDataEvent): void => {
    const identity = identities.current();
    for (const [name, selector] of FIELDS) {
      for (const input of (target as HTMLFormElement).elements) {
        const field = input instanceof HTMLInputElement && input.matches(selector) && !input.disabled && input.name;
        if (field && formData.getAll(field).length === 1 && mayReplace(formData.get(field))) formData.set(field, identity[name]);
      }
    }
  };

  const quietly = <T>(work: (event: T) => void) => (event: T): void => {
    try {
      work(event);
    } catch {
      // A form that can't be filled must still be sent.
    }
  };
  document.addEventListener("submit", quietly(fill), true);
  document.addEventListener("formdata", quietly(fillData), true);
  fill();
  return fill;
}
