/**
 * Fills the hidden inputs of SPEC section 3: when they appear, again on `submit`, and in the `formdata` event, which is the
 * only one that `form.submit()` fires. A value that the shop set itself is left alone.
 */
import { guarded } from "./guarded";
import { OURS } from "./id";
import type { Identities } from "./identity";

/** Fills forms from now on; gives the function that fills them again at once. */
export function fillForms(identities: Identities): () => void {
  // Ids that were filled in before; they may be of the shop's making.
  const filled = new Set<unknown>([""]);
  const mayReplace = (value: unknown): boolean => filled.has(value) || OURS.test(value as string);

  const each = (work: (input: HTMLInputElement, id: string) => void): void => {
    const identity = identities._current();
    for (const name of ["visitor", "session"] as const) {
      const id = identity[`${name}Id`];
      document
        .querySelectorAll<HTMLInputElement>(`input[type=hidden][name=${name}Id],input[data-selektable-${name}-id]`)
        .forEach((input) => work(input, id));
      filled.add(id);
    }
  };
  const fill = guarded(() =>
    each((input, id) => {
      if (input.value !== id && mayReplace(input.value)) input.value = id;
    }),
  );
  const fillData = guarded(({ target, formData }: FormDataEvent) =>
    each(({ form, name }, id) => {
      // Of two inputs of one name nobody knows which is ours; an input that is disabled is not in the data.
      const [value, another] = formData.getAll(name);
      if (form === target && another === undefined && mayReplace(value)) formData.set(name, id);
    }),
  );
  addEventListener("submit", fill, true);
  addEventListener("formdata", fillData, true);
  fill();
  return fill;
}
