// The language of the page follows the language of the screen, for screen readers and for hyphens.
const words = { zh: "zh-CN", en: "en" };
const follow = () => {
  const marks = document.querySelectorAll("[data-language]");
  const spoken = marks.length && words[marks[marks.length - 1].dataset.language];
  if (spoken && document.documentElement.lang !== spoken) document.documentElement.lang = spoken;
};
new MutationObserver(follow).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-language"] });
