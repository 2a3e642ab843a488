//! Knows what changed in the answers of an operation: statuses, redirects, headers, bodies.

use std::collections::BTreeMap;

use crate::codegen::node::{Node, Problem};

use super::{
    super::{
        change::{Pointers, Rule},
        document::{Document, Flaw},
        schema::Schema,
        verdict::{Impact, Need, Position, Verdict},
    },
    Comparison, Site,
    matching::Pairs,
};

impl<'d> Comparison<'d> {
    pub(super) fn responses(&mut self, site: &Site, old: &Node<'d>, new: &Node<'d>) -> Result<(), Flaw> {
        let old_answers = self.old.read(|document| Answer::all(document, old))?;
        let new_answers = self.new.read(|document| Answer::all(document, new))?;
        let groups = (groups(&old_answers), groups(&new_answers));
        let mut pairs = Pairs::none(old_answers, new_answers);
        pairs.match_by(|answer| Some(answer.status.clone()));
        let unchanged = pairs.both.len();
        for is_success in [true, false] {
            pairs.match_by(|answer| (answer.is_success() == is_success).then_some(is_success));
        }
        for (index, (old, new)) in pairs.both.iter().enumerate() {
            if index >= unchanged {
                self.status_changed(site, old, new);
            }
            self.answer(site, old, new)?;
        }
        for answer in &pairs.gone {
            let pointers = Pointers::new(answer.node.pointer.as_str(), place(new));
            let verdict = answer.added_beside(&groups.1).mirrored();
            self.report(&answer.site(site), Rule::StatusRemoved, verdict, pointers, "is gone".to_owned());
        }
        for answer in &pairs.come {
            let pointers = Pointers::new(place(old), answer.node.pointer.as_str());
            let verdict = answer.added_beside(&groups.0);
            self.report(&answer.site(site), Rule::StatusAdded, verdict, pointers, "is new".to_owned());
        }
        Ok(())
    }

    fn status_changed(&mut self, site: &Site, old: &Answer<'d>, new: &Answer<'d>) {
        let verdict = if new.is_success() { Verdict::BREAKING } else { Verdict::RISKY };
        let pointers = Pointers::new(old.node.pointer.as_str(), new.node.pointer.as_str());
        self.report(&new.site(site), Rule::StatusChanged, verdict, pointers, format!("was {}", old.in_words()));
    }

    fn answer(&mut self, site: &Site, old: &Answer<'d>, new: &Answer<'d>) -> Result<(), Flaw> {
        let site = new.site(site);
        self.content(&site, &old.node, &new.node)?;
        self.headers(&site, &old.node, &new.node)
    }

    fn headers(&mut self, site: &Site, old: &Node<'d>, new: &Node<'d>) -> Result<(), Flaw> {
        let old_headers = self.old.read(|document| headers(document, old))?;
        let new_headers = self.new.read(|document| headers(document, new))?;
        for (name, header) in &old_headers {
            let site = site.header(name);
            let Some(counterpart) = new_headers.get(name) else {
                let pointers = Pointers::new(header.node.pointer.as_str(), new.pointer.as_str());
                let verdict = Verdict::addition(Position::Output, header.need).mirrored();
                self.report(&site, Rule::HeaderRemoved, verdict, pointers, "is gone".to_owned());
                continue;
            };
            let pointers = Pointers::new(header.node.pointer.as_str(), counterpart.node.pointer.as_str());
            self.need(&site, [Rule::HeaderRequired, Rule::HeaderOptional], header.need, counterpart.need, &pointers);
            self.schemas(&header.schema(), &counterpart.schema(), &site)?;
        }
        for (name, header) in new_headers.iter().filter(|(name, _)| !old_headers.contains_key(*name)) {
            let pointers = Pointers::new(old.pointer.as_str(), header.node.pointer.as_str());
            let verdict = Verdict::addition(Position::Output, header.need);
            self.report(&site.header(name), Rule::HeaderAdded, verdict, pointers, "is new".to_owned());
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
struct Answer<'d> {
    status: String,
    node: Node<'d>,
}

impl<'d> Answer<'d> {
    fn all(document: &'d Document, operation: &Node<'d>) -> Result<Vec<Self>, Problem> {
        let mut answers = Vec::new();
        for (status, node) in operation.members_of("responses")? {
            if !status.starts_with("x-") {
                answers.push(Self { status: status.to_ascii_uppercase(), node: document.resolved(node)? });
            }
        }
        Ok(answers)
    }

    /// Successes, redirects, everything else: the first digit.
    fn group(&self) -> char {
        self.status.chars().next().unwrap_or('D')
    }

    /// Whether the operation did its work: redirects lead to what was asked for.
    fn is_success(&self) -> bool {
        matches!(self.group(), '1'..='3')
    }

    fn in_words(&self) -> String {
        match self.status.as_str() {
            "DEFAULT" => "the default answer".to_owned(),
            status if status.starts_with('3') => format!("the redirect {status}"),
            status => format!("the answer {status}"),
        }
    }

    fn site(&self, operation: &Site) -> Site {
        operation.part(&self.in_words(), Position::Output)
    }

    /// The verdict on this answer as one more. A client knows what to do with every error; a success that it never
    /// heard of is a risk, and so is one that goes. A first success (or redirect) is a new way of answering, which a
    /// server of the old document does not have.
    fn added_beside(&self, groups: &[char]) -> Verdict {
        match self.is_success() {
            false => Verdict::HARMLESS,
            true if groups.contains(&self.group()) => Verdict::RISKY,
            true => Verdict::new(Impact::Risky, Impact::Breaking),
        }
    }
}

fn groups(answers: &[Answer<'_>]) -> Vec<char> {
    answers.iter().map(Answer::group).collect()
}

fn place(operation: &Node<'_>) -> String {
    operation.get("responses").map_or_else(|| operation.pointer.clone(), |node| node.pointer)
}

struct Header<'d> {
    node: Node<'d>,
    need: Need,
}

impl<'d> Header<'d> {
    fn schema(&self) -> Schema<'d> {
        self.node.get("schema").map_or_else(|| Schema::anything(&self.node.pointer), Schema::of)
    }
}

/// By their names in lower case; the content type is told by the media types.
fn headers<'d>(document: &'d Document, answer: &Node<'d>) -> Result<BTreeMap<String, Header<'d>>, Problem> {
    let mut headers = BTreeMap::new();
    for (name, node) in answer.members_of("headers")? {
        let node = document.resolved(node)?;
        let need = Need::from(node.flag("required")?);
        headers.insert(name.to_ascii_lowercase(), Header { node, need });
    }
    headers.remove("content-type");
    Ok(headers)
}
