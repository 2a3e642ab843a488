//! Knows which operation a request path belongs to.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::{Method, OperationInfo};

/// An operation found by its method and path.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Route {
    /// The operation.
    pub operation: &'static OperationInfo,
    /// Its path parameters, percent-decoded.
    pub path: Vec<(&'static str, String)>,
}

/// The operation of a request: `path` is below the server prefix and still percent-encoded.
///
/// Where several templates fit, the one with more fixed text wins.
///
/// ```
/// use aig_codegen::{Method, OPERATIONS, route};
///
/// let found = route(OPERATIONS, Method::Get, "/v1/runs/7/items/slides%2Fa.tiff").unwrap();
/// assert_eq!(found.operation.id, "get_run_item");
/// assert_eq!(found.path[1], ("external_id", "slides/a.tiff".to_owned()));
/// ```
pub fn route(operations: &[&'static OperationInfo], method: Method, path: &str) -> Option<Route> {
    operations
        .iter()
        .filter(|operation| operation.method == method)
        .filter_map(|operation| Some(Route { operation, path: operation.match_path(path)? }))
        .max_by_key(|route| fixed_text(route.operation.path))
}

impl OperationInfo {
    /// The path parameters, percent-decoded, when the path fits the template.
    pub fn match_path(&self, path: &str) -> Option<Vec<(&'static str, String)>> {
        let mut parameters = Vec::new();
        let mut given = path.split('/');
        for template in self.path.split('/') {
            match_segment(template, given.next()?, &mut parameters)?;
        }
        given.next().is_none().then_some(parameters)
    }
}

/// Matches one segment, which may hold several parameters with fixed text between them.
fn match_segment(template: &'static str, given: &str, parameters: &mut Vec<(&'static str, String)>) -> Option<()> {
    let Some((before, rest)) = template.split_once('{') else {
        return (decode(given)? == template).then_some(());
    };
    let (name, after) = rest.split_once('}')?;
    let given = given.strip_prefix(before)?;
    let fixed = after.split('{').next().unwrap_or_default();
    let end = if fixed.is_empty() { given.len() } else { given.find(fixed)? };
    let (value, given) = given.split_at_checked(end)?;
    if value.is_empty() {
        return None;
    }
    parameters.push((name, decode(value)?.into_owned()));
    match_segment(after, given, parameters)
}

fn decode(text: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(text).decode_utf8().ok()
}

/// How many bytes of a template are not parameters.
fn fixed_text(template: &str) -> usize {
    template.split('{').map(|piece| piece.split_once('}').map_or(piece, |(_, fixed)| fixed).len()).sum()
}
