//! The console in a real browser, narrow and wide, light and dark; and that each check sees what it is for.
//! Skipped where no Chromium is installed.

mod chromium;
mod page;

use std::{io::Write, path::Path};

use aig_sandbox::{Sandbox, synthetic::SlideSpec};
use tokio::runtime::Runtime;

use crate::{
    console_content::{Shown, shown},
    wire::{Wire, slideless_item, submit},
};
use chromium::Chromium;

const LOOKS: [(u32, &str); 4] = [(375, "light"), (375, "dark"), (1440, "light"), (1440, "dark")];

/// For whoever wants to look: the pictures lie in the target directory.
fn keep(browser: &mut Chromium, name: &str) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
    std::fs::File::create(path).unwrap().write_all(&browser.screenshot()).unwrap();
}

fn addresses(sandbox: &Sandbox, shown: &Shown) -> Vec<(&'static str, String)> {
    let root = sandbox.url();
    let endpoints = sandbox.authorization().endpoints();
    let sign_in = format!(
        "{}?response_type=code&client_id=sandbox-interactive&redirect_uri=http%3A%2F%2Flocalhost%3A8989%2F&state=s\
         &scope=openid%20offline_access&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        endpoints.authorization
    );
    vec![
        ("console", format!("{root}/_sandbox/")),
        ("console-filtered", format!("{root}/_sandbox/?show=failing&bucket=aignostics-platform-sandbox")),
        ("console-run", format!("{root}/_sandbox/runs/{}", shown.finished)),
        ("console-hostile-run", format!("{root}/_sandbox/runs/{}", shown.hostile)),
        ("console-no-run", format!("{root}/_sandbox/runs/{}", uuid::Uuid::nil())),
        ("sign-in", sign_in),
        ("device", format!("{root}/activate")),
    ]
}

#[test]
fn every_page_is_whole_readable_and_usable_by_keyboard() {
    let Some(mut browser) = Chromium::start() else { return };
    let runtime = Runtime::new().unwrap();
    let (sandbox, shown) = runtime.block_on(shown());
    let mut found = Vec::new();
    for (name, address) in addresses(&sandbox, &shown) {
        for (width, scheme) in LOOKS {
            browser.look(width, scheme);
            browser.open(&address);
            let mut problems = page::problems(&mut browser);
            // A page that is not there is answered with 404, and the browser says so.
            problems.retain(|problem| !(name == "console-no-run" && problem.contains("404")));
            found.extend(problems.into_iter().map(|problem| format!("{name} at {width}, {scheme}: {problem}")));
            keep(&mut browser, &format!("{name}-{width}-{scheme}"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_check_sees_the_page_that_it_is_for() {
    let Some(mut browser) = Chromium::start() else { return };
    browser.look(375, "light");
    browser.show(&good(""));
    assert_eq!(page::problems(&mut browser), Vec::<String>::new());
    let broken = [
        ("overflow", "<div style='width:500px'>wide</div>"),
        ("images", "<img alt='a' src='data:image/png;base64,AAAA'>"),
        ("images", "<img src='data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'>"),
        ("structure", "<h4>too deep</h4>"),
        ("structure", "<p id='a'>one</p><p id='a'>two</p>"),
        ("structure", "<table><tr><th>no scope</th></tr></table>"),
        ("contrast", "<p style='color:#888'>pale</p>"),
        ("contrast", "<div style='background:#225'><p style='color:#666'>dark</p></div>"),
        ("contrast", "<style>::placeholder{color:#bbb}</style><label>x <input placeholder='pale'></label>"),
        ("names", "<input>"),
        ("names", "<button><svg width='9' height='9'></svg></button>"),
        ("names", "<a href='#x'></a>"),
        ("keyboard", "<button tabindex='-1'>never</button><button>after</button>"),
        ("keyboard", "<button style='outline:none'>where</button>"),
        ("keyboard", "<button>second</button><button tabindex='1'>first</button>"),
        ("console", "<script>undefined.nothing</script>"),
        ("console", "<script>console.error('wrong')</script>"),
    ];
    for (check, html) in broken {
        browser.show(&good(html));
        let found = page::problems(&mut browser);
        assert!(found.iter().any(|problem| problem.starts_with(check)), "{check} does not see {html}: {found:?}");
    }
}

/// A page with nothing wrong, but for what is put into it.
fn good(html: &str) -> String {
    format!(
        "<!doctype html><html lang='en'><title>t</title><style>:focus-visible{{outline:2px solid}}</style>\
         <main><h1>SANDBOX</h1><a href='#x'>link</a>{html}</main></html>"
    )
}

#[test]
fn a_followed_page_changes_in_place_and_keeps_what_a_person_has_opened() {
    let Some(mut browser) = Chromium::start() else { return };
    let runtime = Runtime::new().unwrap();
    let (sandbox, _) = runtime.block_on(shown());
    browser.look(1440, "light");
    browser.open(&format!("{}/_sandbox/?follow=on", sandbox.url()));
    browser.run("document.querySelector('#request-list details').open = true");
    browser.run("document.querySelector('#people button').focus()");
    let opened = browser.run("document.querySelector('#request-list details').id");
    let focused = browser.run("document.activeElement.id");
    let run = runtime.block_on(async {
        let wire = Wire::new(&sandbox).await;
        let run = submit(&wire, "test-app", [slideless_item("late", &SlideSpec::new(9, 9))]).await;
        wire.wait_for_end(&run).await;
        run
    });
    assert_eq!(browser.run(&format!("document.body.textContent.includes('{run}')")), false);
    browser.run("refresh()");
    assert_eq!(browser.run(&format!("document.querySelector('#run-list').textContent.includes('{run}')")), true);
    assert_eq!(browser.run("document.activeElement.id"), focused);
    assert!(opened.as_str().unwrap().starts_with("curl-log-"));
    assert!(
        browser
            .run("document.getElementById('live').textContent")
            .as_str()
            .unwrap()
            .contains("0 runs in motion, 8 items failed")
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn layers_are_switched_and_forms_are_sent_by_keyboard_without_scripts() {
    let Some(mut browser) = Chromium::start() else { return };
    let runtime = Runtime::new().unwrap();
    let (sandbox, shown) = runtime.block_on(shown());
    browser.forbid_scripts();
    browser.open(&format!("{}/_sandbox/runs/{}", sandbox.url(), shown.finished));
    let shows = "getComputedStyle(document.querySelector('.layer-0')).visibility";
    assert_eq!(browser.run(shows), "visible");
    browser.run("document.querySelector('.switch-0').focus()");
    browser.press(" ", 32);
    assert_eq!(browser.run(shows), "hidden");
    browser.open(&format!("{}/_sandbox/", sandbox.url()));
    assert_eq!(browser.run("document.documentElement.className"), "", "scripts are off");
    browser.run("document.querySelector('#clock button[value=\\'1h\\']').focus()");
    browser.press_and_wait("Enter", 13);
    let text = browser
        .run("document.querySelector('.notice').textContent + document.querySelector('#clock-face').textContent");
    let text = text.as_str().unwrap();
    assert!(text.starts_with("The clock has been put forward.") && text.ends_with("1h"), "{text}");
}
