//! Rules about `docs/requirements.md`: every requirement is there, and is shown by tests that exist or says what is open.

use super::{
    Finding,
    tree::{File, Tree},
};

const PAGE: &str = "docs/requirements.md";

/// Every requirement that there is: its group and how many the group has.
const GROUPS: &[(char, usize)] = &[('F', 19), ('P', 5), ('C', 8), ('A', 6), ('D', 6)];

/// Two parts of the requirements that have no number of their own.
const UNNUMBERED: &[&str] = &["Figures", "Interfaces"];

/// What the page says of one requirement.
#[derive(Debug, Default)]
struct Section<'a> {
    id: &'a str,
    line: usize,
    tests: Vec<(usize, &'a str)>,
    is_open: bool,
}

/// Requirements that are missing, unknown or said twice, those that nothing shows, and tests that are not there.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(page) = tree.files.iter().find(|file| file.path == PAGE) else {
        return vec![Finding::new(PAGE, 1, "the page is missing")];
    };
    let (sections, mut findings) = read(page);
    findings.extend(ids(&sections));
    findings.extend(sections.iter().flat_map(|section| shown(tree, section)));
    findings
}

fn known() -> Vec<String> {
    let numbered = GROUPS.iter().flat_map(|(group, count)| (1..=*count).map(move |number| format!("{group}{number}")));
    numbered.chain(UNNUMBERED.iter().map(|name| (*name).to_owned())).collect()
}

/// `### ID: title`, then `- ` and a test in backticks for each, or `Open: ` and why.
fn read(page: &File) -> (Vec<Section<'_>>, Vec<Finding>) {
    let (mut sections, mut findings) = (Vec::<Section<'_>>::new(), Vec::new());
    for (at, line) in page.text.lines().enumerate() {
        let line_number = at + 1;
        if let Some(heading) = line.strip_prefix("### ") {
            let id = heading.split(':').next().unwrap_or(heading).trim();
            sections.push(Section { id, line: line_number, ..Section::default() });
        } else if let Some(section) = sections.last_mut() {
            if let Some(test) = line.strip_prefix("- ") {
                match test.trim().strip_prefix('`').and_then(|test| test.strip_suffix('`')) {
                    Some(test) => section.tests.push((line_number, test)),
                    None => findings.push(Finding::new(PAGE, line_number, "not a test in backticks and nothing else")),
                }
            }
            section.is_open |= line.strip_prefix("Open:").is_some_and(|reason| !reason.trim().is_empty());
        }
    }
    (sections, findings)
}

fn ids(sections: &[Section<'_>]) -> Vec<Finding> {
    let known = known();
    let count = |id: &str| sections.iter().filter(|section| section.id == id).count();
    let missing = known.iter().filter(|id| count(id) == 0);
    let mut findings: Vec<_> = missing.map(|id| Finding::new(PAGE, 1, format!("{id} is missing"))).collect();
    for section in sections {
        if !known.iter().any(|id| id == section.id) {
            findings.push(Finding::new(PAGE, section.line, format!("there is no requirement {}", section.id)));
        } else if count(section.id) > 1 {
            findings.push(Finding::new(PAGE, section.line, format!("{} is there twice", section.id)));
        }
    }
    findings
}

fn shown(tree: &Tree, section: &Section<'_>) -> Vec<Finding> {
    if section.tests.is_empty() && !section.is_open {
        let message = format!("{}: no test shows it, and no line says what is open", section.id);
        return vec![Finding::new(PAGE, section.line, message)];
    }
    let missing = section.tests.iter().filter(|(_, test)| !exists(tree, test));
    missing.map(|(line, test)| Finding::new(PAGE, *line, format!("{}: there is no test {test}", section.id))).collect()
}

/// `path/of/the/file.rs::name_of_the_test`.
fn exists(tree: &Tree, test: &str) -> bool {
    let Some((path, name)) = test.split_once("::") else { return false };
    tree.files.iter().any(|file| file.path == path && has_test(&file.text, name))
}

/// Whether the text has a function of this name below an attribute that makes it a test. As text, because tests also live in the
/// braces of macros (`proptest!`).
fn has_test(text: &str, name: &str) -> bool {
    let head = format!("fn {name}(");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let heads = lines.iter().enumerate().filter(|(_, line)| line.contains(&head));
    heads.into_iter().any(|(at, _)| {
        let above = lines[..at].iter().rev().take_while(|line| !line.is_empty() && !line.ends_with('}'));
        above.into_iter().any(|line| line.starts_with("#[") && (line.contains("test]") || line.contains("test(")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESTS: &str =
        "//! Tests.\n\n#[tokio::test(flavor = \"multi_thread\")]\nasync fn it_works() {\n}\n\nfn no_test() {}\n";

    fn page(change: impl Fn(&str, String) -> String) -> Tree {
        let section = |id: &String| change(id, format!("### {id}: a title\n\nWords.\n\n- `tests/a.rs::it_works`\n\n"));
        let text: String = known().iter().map(section).collect();
        Tree { files: vec![File::new(PAGE, &text), File::new("tests/a.rs", TESTS)] }
    }

    fn found(change: impl Fn(&str, String) -> String) -> Vec<String> {
        check(&page(change)).into_iter().map(|finding| finding.message).collect()
    }

    fn at<'a>(wanted: &'a str, change: impl Fn(String) -> String + 'a) -> impl Fn(&str, String) -> String + 'a {
        move |id, section| if id == wanted { change(section) } else { section }
    }

    #[test]
    fn a_page_with_a_test_for_every_requirement_passes() {
        assert_eq!(found(|_, section| section), Vec::<String>::new());
        assert_eq!(known().len(), 46);
    }

    #[test]
    fn a_test_that_is_not_there_is_found() {
        for (there, not_there) in [
            ("it_works", "it_worked"),
            ("it_works", "no_test"),
            ("it_works", "it_wor"),
            ("tests/a.rs::it_works", "tests/b.rs::it_works"),
            ("tests/a.rs::it_works", "it_works"),
        ] {
            let messages = found(at("F7", |section| section.replace(there, not_there)));
            assert_eq!(messages.len(), 1, "{not_there}");
            assert!(messages[0].starts_with("F7: there is no test"), "{messages:?}");
        }
    }

    #[test]
    fn a_requirement_that_nothing_shows_is_found_unless_it_is_open_for_a_reason() {
        let bare = |end: &str| found(at("P2", |_| format!("### P2: a title\n\n{end}\n\n")));
        assert_eq!(bare("Words."), ["P2: no test shows it, and no line says what is open"]);
        assert_eq!(bare("Open:"), ["P2: no test shows it, and no line says what is open"]);
        assert_eq!(bare("Open: comes with the transfers."), Vec::<String>::new());
    }

    #[test]
    fn a_requirement_that_is_missing_unknown_or_there_twice_is_found() {
        assert_eq!(found(at("D6", |_| String::new())), ["D6 is missing"]);
        assert_eq!(
            found(at("D6", |section| section.replace("D6", "D7"))),
            ["D6 is missing", "there is no requirement D7"]
        );
        assert_eq!(found(at("D6", |section| section.repeat(2))), ["D6 is there twice", "D6 is there twice"]);
    }

    #[test]
    fn words_in_the_list_of_tests_are_found() {
        let messages = found(at("A1", |section| section.replace("- `", "- see `")));
        assert_eq!(
            messages,
            ["not a test in backticks and nothing else", "A1: no test shows it, and no line says what is open"]
        );
    }

    #[test]
    fn a_tree_without_the_page_is_found() {
        assert_eq!(check(&Tree::default()).len(), 1);
    }
}
