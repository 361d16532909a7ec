/** Which of the page's languages a client asks for (RFC 9110, 12.5.4). */

/** The languages that there are words for; the first is the default. */
export const LANGUAGES = Object.freeze(['en', 'de', 'zh'] as const);

export type Language = (typeof LANGUAGES)[number];

/**
 * The language with the greatest weight, the earlier of two that weigh the same. A range counts by
 * its first subtag: `de-CH` is German, `zh-Hant` Chinese; `*` is the default.
 * @param accepted the value of Accept-Language, well formed or not; '' when it was not sent
 */
export function chooseLanguage(accepted: string): Language {
  let chosen: Language = LANGUAGES[0];
  let greatest = 0;
  for (const range of accepted.toLowerCase().split(',')) {
    const [tag, parameter] = range.split(';', 2);
    const primary = tag.split('-', 1)[0].trim();
    const language = LANGUAGES.find((known) => known === primary);
    const weight = weightOf(parameter);
    if (weight <= greatest || (language === undefined && primary !== '*')) continue;
    chosen = language ?? LANGUAGES[0];
    greatest = weight;
  }
  return chosen;
}

/** 1 where none is given; 0 for what is no weight. */
function weightOf(parameter: string | undefined): number {
  if (parameter === undefined) return 1;
  const match = /^\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$/.exec(parameter);
  return match === null ? 0 : Math.min(Number(match[1]), 1);
}
