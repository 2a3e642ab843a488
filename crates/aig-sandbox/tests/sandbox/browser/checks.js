// What a page must be, seen from within. Each check gives a list of what is wrong.
(() => {
  const name = (element) => `${element.tagName.toLowerCase()}#${element.id}.${element.className?.baseVal ?? element.className} "${(element.textContent || "").trim().slice(0, 40)}"`;
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });

  // The page may not be wider than the window.
  const overflow = () => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const clipped = (element) => element && (getComputedStyle(element).overflowX !== "visible" || clipped(element.parentElement));
    const wide = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > width + 1 && !clipped(element.parentElement));
    return [`the page is ${document.documentElement.scrollWidth} wide, the window ${width}: ${wide.slice(0, 5).map(name)}`];
  };

  const images = async () => {
    const all = [...document.images];
    all.forEach((image) => (image.loading = "eager"));
    await Promise.all(all.map((image) => image.decode().catch(() => {})));
    return all.filter((image) => image.naturalWidth === 0).map((image) => `not loaded: ${image.src}`)
      .concat(all.filter((image) => !image.alt).map((image) => `without a text: ${image.src}`));
  };

  const structure = () => {
    const wrong = [];
    for (const landmark of ["main", "h1", "title"]) {
      const count = document.querySelectorAll(landmark).length;
      if (count !== 1) wrong.push(`${count} times ${landmark}`);
    }
    if (!document.documentElement.lang) wrong.push("no language");
    let last = 0;
    for (const heading of document.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
      const level = Number(heading.tagName[1]);
      if (level > last + 1) wrong.push(`${name(heading)} follows level ${last}`);
      last = level;
    }
    for (const table of document.querySelectorAll("table")) {
      if (!table.caption || !table.querySelector("th[scope]")) wrong.push(`a table without caption or scope: ${name(table)}`);
    }
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => wrong.push(`twice the id ${id}`));
    if (!document.body.textContent.includes("SANDBOX")) wrong.push("does not say SANDBOX");
    return wrong;
  };

  const rgba = (text) => {
    const [red, green, blue, alpha = 1] = text.match(/[\d.]+/g).map(Number);
    return [red, green, blue, alpha];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const ground = (element) => {
    if (!element) return over(rgba(getComputedStyle(document.documentElement).backgroundColor), matchMedia("(prefers-color-scheme:dark)").matches ? [18, 18, 18] : [255, 255, 255]);
    const own = rgba(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(element.parentElement));
  };
  // WCAG 2.2, "relative luminance" and "contrast ratio".
  const luminance = ([r, g, b]) => {
    const [R, G, B] = [r, g, b].map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  };
  const ratio = (front, back) => {
    const [light, dark] = [luminance(over(front, back)), luminance(back)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const contrast = () => {
    const wrong = [];
    const test = (element, style) => {
      const found = ratio(rgba(style.color), ground(element));
      if (found < 4.5) wrong.push(`${found.toFixed(2)}: ${name(element)} ${style.color} on ${ground(element)}`);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const elements = new Set();
    while (texts.nextNode()) if (texts.currentNode.data.trim()) elements.add(texts.currentNode.parentElement);
    for (const element of elements) {
      if (["SCRIPT", "STYLE", "OPTION", "NOSCRIPT"].includes(element.tagName) || element.closest("svg") || !seen(element)) continue;
      test(element, getComputedStyle(element));
    }
    for (const input of document.querySelectorAll("input:not([type=hidden]),select")) {
      if (!seen(input)) continue;
      test(input, getComputedStyle(input));
      if (input.placeholder) test(input, getComputedStyle(input, "::placeholder"));
    }
    return wrong;
  };

  // Of radio buttons with one name the keyboard stops at one, and the arrow keys do the rest.
  const isLaterRadio = (element) => element.type === "radio" && document.querySelector(`input[type=radio][name="${element.name}"]`) !== element;
  const controls = () => [...document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex='0']")].filter((element) => seen(element) && !isLaterRadio(element));
  // Where the focus is among the controls, and whether one can see it there.
  const focus = () => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    return { at: window.checks.all.indexOf(element), name: name(element), visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
  };
  const begin = () => {
    document.activeElement?.blur();
    scrollTo(0, 0);
    window.checks.all = controls();
    return window.checks.all.map(name);
  };
  window.checks = { overflow, images, structure, contrast, begin, focus, all: [] };
})();
