// Copies, and follows what happens. Every page works without it.
const root = document.documentElement;
const live = document.getElementById("live");
root.classList.add("js");

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const code = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = "Marked";
  }
});

// The page as it is now: the parts that live are put in place of those shown. What a person has opened stays open, and
// the focus stays where it is.
async function refresh() {
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(10000) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const shown of document.querySelectorAll("[data-live]")) {
    const now = page.getElementById(shown.id);
    if (now && now.innerHTML !== shown.dataset.source) exchange(shown, now);
  }
  say(page.body.dataset.summary);
}

function exchange(shown, now) {
  const source = now.innerHTML;
  const focus = shown.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...shown.querySelectorAll("details[open]")].map((details) => details.id);
  const off = [...shown.querySelectorAll("input[type=checkbox]:not(:checked)")].map((input) => input.id);
  if (shown.contains(document.activeElement) && !focus) return;
  shown.replaceChildren(...now.childNodes);
  shown.dataset.source = source;
  open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  off.forEach((id) => { const input = document.getElementById(id); if (input) input.checked = false; });
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
}

// Spoken when it changes, not at every look.
function say(text) {
  if (live.textContent !== text) live.textContent = text;
}

async function follow() {
  for (;;) {
    await new Promise((wake) => setTimeout(wake, 2000));
    if (document.hidden) continue;
    try {
      await refresh();
    } catch {
      say("The sandbox does not answer.");
    }
  }
}

if (document.body.hasAttribute("data-follow")) {
  say(document.body.dataset.summary);
  for (const shown of document.querySelectorAll("[data-live]")) shown.dataset.source = shown.innerHTML;
  follow();
}
