//! How long files and functions are, and which functions take a bare bool.

use anyhow::{Context, Result};
use syn::{spanned::Spanned, visit::Visit};

use super::{
    Finding,
    tree::{File, Tree},
};

/// Product lines of a file, at most.
const LONGEST_FILE: usize = 700;
/// Lines of a function, at most.
const LONGEST_FUNCTION: usize = 100;

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    files: Vec<Length>,
    functions: Vec<Length>,
    bools: Vec<Finding>,
}

#[derive(Debug)]
struct Length {
    path: String,
    line: usize,
    name: String,
    lines: usize,
}

/// Measures the product code of the workspace.
pub(crate) fn measure(tree: &Tree) -> Result<Shape> {
    let mut shape = Shape::default();
    for file in tree.rust().filter(|file| !file.product().is_empty()) {
        shape.add(file).with_context(|| format!("cannot parse {}", file.path))?;
    }
    Ok(shape)
}

impl Shape {
    fn add(&mut self, file: &File) -> Result<()> {
        let lines = file.product().lines().count();
        self.files.push(Length { path: file.path.clone(), line: 1, name: file.path.clone(), lines });
        let mut walk = Walk { file, shape: self };
        walk.visit_file(&syn::parse_file(&file.text)?);
        Ok(())
    }

    /// One line a kind: count, median, 90 %, 99 % and the longest.
    pub(crate) fn summary(&self) -> String {
        format!("{}\n{}", quantiles("files", &self.files), quantiles("functions", &self.functions))
    }

    /// What is over the caps.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let long_files = over(&self.files, LONGEST_FILE, "a reader cannot know what is in so long a file");
        let long_functions = over(&self.functions, LONGEST_FUNCTION, "the function does more than one thing");
        long_files.chain(long_functions).chain(self.bools.iter().map(clone)).collect()
    }
}

fn clone(finding: &Finding) -> Finding {
    Finding::new(&finding.path, finding.line, finding.message.clone())
}

fn over<'a>(lengths: &'a [Length], cap: usize, why: &'a str) -> impl Iterator<Item = Finding> + 'a {
    lengths.iter().filter(move |length| length.lines > cap).map(move |length| {
        Finding::new(
            &length.path,
            length.line,
            format!("{}: {} lines, more than {cap}: {why}", length.name, length.lines),
        )
    })
}

fn quantiles(what: &str, lengths: &[Length]) -> String {
    let mut sorted: Vec<_> = lengths.iter().map(|length| length.lines).collect();
    sorted.sort_unstable();
    let at = |share: f64| sorted.get(((sorted.len().saturating_sub(1)) as f64 * share) as usize).copied().unwrap_or(0);
    let longest = lengths.iter().max_by_key(|length| length.lines).map_or("none", |length| &length.name);
    format!(
        "{what}: {}, lines median {} p90 {} p99 {} max {} ({longest})",
        sorted.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    )
}

struct Walk<'a> {
    file: &'a File,
    shape: &'a mut Shape,
}

impl Walk<'_> {
    fn function(&mut self, signature: &syn::Signature, visibility: Option<&syn::Visibility>, body: &syn::Block) {
        let line = signature.span().start().line;
        let lines = body.span().end().line + 1 - line;
        let name = signature.ident.to_string();
        let is_public = matches!(visibility, Some(syn::Visibility::Public(_)));
        if is_public && takes_a_choice_as_bool(signature) {
            let message = format!("{name}: a bool parameter tells a reader of the call nothing; take an enum");
            self.shape.bools.push(Finding::new(&self.file.path, line, message));
        }
        self.shape.functions.push(Length { path: self.file.path.clone(), line, name, lines });
    }
}

/// A setter of one bool (`with_x(true)`) names its parameter; beside other parameters, a bool is anonymous.
fn takes_a_choice_as_bool(signature: &syn::Signature) -> bool {
    let typed = signature.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(typed) => Some(&*typed.ty),
        syn::FnArg::Receiver(_) => None,
    });
    let types: Vec<_> = typed.collect();
    let is_bool = |ty: &&syn::Type| matches!(ty, syn::Type::Path(path) if path.path.is_ident("bool"));
    types.len() > 1 && types.iter().any(is_bool)
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        let is_cfg_test =
            path.is_ident("cfg") && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test");
        is_cfg_test || path.segments.last().is_some_and(|segment| segment.ident == "test")
    })
}

impl<'ast> Visit<'ast> for Walk<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test(&item.attrs) {
            self.function(&item.sig, Some(&item.vis), &item.block);
            syn::visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, Some(&item.vis), &item.block);
        syn::visit::visit_impl_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(text: &str) -> Shape {
        measure(&Tree { files: vec![File::new("crates/a/src/b.rs", text)] }).unwrap()
    }

    #[test]
    fn a_long_function_is_found_and_a_test_is_not() {
        let body = "    call();\n".repeat(LONGEST_FUNCTION);
        assert_eq!(measured(&format!("fn long() {{\n{body}}}\n")).findings().len(), 1);
        assert_eq!(measured(&format!("#[cfg(test)]\nmod tests {{\nfn long() {{\n{body}}}\n}}\n")).findings(), []);
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(measured(&"const A: u8 = 1;\n".repeat(LONGEST_FILE + 1)).findings().len(), 1);
    }

    #[test]
    fn an_anonymous_bool_is_found_and_a_setter_is_not() {
        assert_eq!(measured("pub fn open(path: &str, create: bool) {}").findings().len(), 1);
        assert_eq!(measured("impl A { pub fn with_color(self, color: bool) {} }").findings(), []);
    }
}
