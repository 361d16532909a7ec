/** Which of the page's languages a client asks for (RFC 9110, 12.5.4). */

/** The languages that there are words for; the first is the default. */
export const LANGUAGES = Object.freeze(['en', 'de', 'zh'] as const);

export type Language = (typeof LANGUAGES)[number];

/** More is not looked at: no browser sends more, and each comma costs memory. */
const CHARACTERS_MAX = 200;

/**
 * The language with the greatest weight, the first of those that weigh the same. A range counts by
 * its first subtag: `de-CH` is German, `zh-Hant` Chinese.
 * @param accepted the value of Accept-Language, well formed or not; '' when it was not sent
 */
export const chooseLanguage = (accepted: string): Language => {
  let chosen: Language = 'en';
  let greatest = 0;
  accepted
    .slice(0, CHARACTERS_MAX)
    .toLowerCase()
    .split(',')
    .forEach((range) => {
      const parts = range.trim().split(';');
      const language = LANGUAGES.find((known) => known === parts[0].split('-')[0]);
      // What is no number weighs nothing.
      const weight = parts.length > 1 ? Number(parts[1].trim().slice(2)) : 1;
      if (language === undefined || !(weight > greatest)) return;
      chosen = language;
      greatest = weight;
    });
  return chosen;
};
