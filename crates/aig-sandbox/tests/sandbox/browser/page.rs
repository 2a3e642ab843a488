//! What is checked of a page, whatever is on it.

use serde_json::Value;

use super::chromium::Chromium;

const CHECKS: &str = include_str!("checks.js");
const TAB: u32 = 9;

/// Roles whose name a screen reader says; without one nobody knows what they are.
const NAMED: [&str; 10] = [
    "link",
    "button",
    "textbox",
    "searchbox",
    "combobox",
    "checkbox",
    "radio",
    "spinbutton",
    "DisclosureTriangle",
    "image",
];

/// Everything that is wrong with the page that is open.
pub(super) fn problems(browser: &mut Chromium) -> Vec<String> {
    browser.run(CHECKS);
    let mut found = Vec::new();
    for check in ["overflow", "images", "structure", "contrast"] {
        let wrong = browser.run(&format!("window.checks.{check}()"));
        found.extend(texts(&wrong).into_iter().map(|text| format!("{check}: {text}")));
    }
    found.extend(nameless(browser));
    found.extend(unreachable(browser));
    found.extend(browser.complaints().into_iter().map(|text| format!("console: {text}")));
    found
}

/// Controls and pictures without a name, as the browser tells a screen reader.
fn nameless(browser: &mut Chromium) -> Vec<String> {
    let tree = browser.call("Accessibility.getFullAXTree", serde_json::json!({}));
    let nodes = tree["nodes"].as_array().unwrap();
    let named = |node: &&Value| {
        let role = node["role"]["value"].as_str().unwrap_or_default();
        node["ignored"] != true && NAMED.contains(&role)
    };
    let nameless =
        nodes.iter().filter(named).filter(|node| node["name"]["value"].as_str().unwrap_or_default().trim().is_empty());
    nameless.map(|node| format!("names: a {} without one", node["role"]["value"])).collect()
}

/// Goes through the page by the tabulator key: every control in its order, each with a mark of the focus.
fn unreachable(browser: &mut Chromium) -> Vec<String> {
    let controls = texts(&browser.run("window.checks.begin()"));
    let mut wrong = Vec::new();
    for (at, control) in controls.iter().enumerate() {
        browser.press("Tab", TAB);
        let focus = browser.run("window.checks.focus()");
        if focus["at"] != at {
            wrong.push(format!("keyboard: the focus is on {}, not on {control}", focus["name"]));
            break;
        }
        if focus["visible"] != true {
            wrong.push(format!("keyboard: the focus on {control} cannot be seen"));
        }
    }
    wrong
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}
