/** The few words that the page itself shows, before the frame is there. */

/** What the modal says in one language. */
export interface Words {
  name: string;
  close: string;
  failed: string;
  retry: string;
}

const WORDS: Record<string, Words> = {
  en: { name: "Product visualizer", close: "Close", failed: "The visualizer could not be loaded. Check your connection and try again.", retry: "Try again" },
  nl: { name: "Productvisualisatie", close: "Sluiten", failed: "De visualisatie kon niet worden geladen. Controleer je verbinding en probeer het opnieuw.", retry: "Opnieuw proberen" },
  de: { name: "Produktvisualisierung", close: "Schließen", failed: "Die Visualisierung konnte nicht geladen werden. Prüfe deine Verbindung und versuche es noch einmal.", retry: "Noch einmal versuchen" },
};

/** The language that the page is in, or the visitor's: the frame is asked for the same. */
export function pageLanguage(): string {
  const wanted = [document.documentElement.lang, ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((language) => language in WORDS) ?? "en";
}

/** The words of a language that `pageLanguage` gave. */
export const wordsOf = (language: string): Words => WORDS[language] ?? (WORDS.en as Words);
