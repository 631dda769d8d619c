// Which language people are spoken to in, where one has to be chosen.

/** The language of whoever sits here, as the system has it; empty where it says nothing. */
export function locale(env = process.env) {
  return env.OPENCLAW_LOCALE || env.LC_ALL || env.LC_MESSAGES || env.LANG || "";
}

/** The one of `words` in the language of this place, Chinese where nothing says which; else the first. */
export function spoken(words = [], tag = locale()) {
  return words.find((one) => language(one.locale) === language(tag)) ?? words[0];
}

/** The one of two sentences, Chinese and English, for whoever sits here: Chinese, unless the place speaks English. */
export function either([chinese, english], tag = locale()) {
  return language(tag) === "en" ? english : chinese;
}

/** The language of a tag such as `en_GB.UTF-8`. */
export function language(tag) {
  return (tag || "zh-CN").split(/[-_.]/)[0].toLowerCase();
}
