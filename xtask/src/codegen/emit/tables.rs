//! Knows how a table that a macro reads is laid out: a line for each entry. The printer of code does not know such tables.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use syn::{Item, ItemMacro};

/// Takes the tables out of a file, each with what holds its place there.
pub(super) fn take(file: &mut syn::File) -> Vec<(String, String)> {
    let mut taken = Vec::new();
    for item in &mut file.items {
        let Item::Macro(table) = item else { continue };
        let name = quote::format_ident!("__TABLE_{}", taken.len());
        let text = laid_out(table);
        *item = syn::parse_quote!(const #name: () = (););
        taken.push((format!("const {name}: () = ();"), text));
    }
    taken
}

fn laid_out(table: &ItemMacro) -> String {
    let path = table.mac.path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::");
    let mut layout = Layout { text: format!("{path}!("), depth: 0, is_open: true };
    layout.write(table.mac.tokens.clone());
    layout.text.push_str(");");
    layout.text
}

struct Layout {
    text: String,
    depth: usize,
    /// Whether the next word stands without a space before it.
    is_open: bool,
}

impl Layout {
    fn write(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.block(group.stream()),
                TokenTree::Punct(sign) => self.sign(sign.as_char(), sign.spacing()),
                word => self.word(&word.to_string()),
            }
        }
    }

    fn block(&mut self, tokens: TokenStream) {
        if tokens.is_empty() {
            return self.word("{}");
        }
        self.word("{");
        self.depth += 1;
        self.line();
        self.write(tokens);
        self.depth -= 1;
        // After the last comma the line is there already, one step too deep.
        self.text.truncate(self.text.trim_end().len());
        self.line();
        self.text.push('}');
        self.is_open = false;
    }

    fn word(&mut self, word: &str) {
        let space = if self.is_open { "" } else { " " };
        self.text.push_str(space);
        self.text.push_str(word);
        self.is_open = false;
    }

    fn sign(&mut self, sign: char, spacing: Spacing) {
        if matches!(sign, ',' | ':') {
            self.text.push(sign);
        } else {
            self.word(&sign.to_string());
        }
        self.is_open = spacing == Spacing::Joint || sign == '.';
        if sign == ',' {
            self.line();
        }
    }

    fn line(&mut self) {
        self.text.push('\n');
        self.text.push_str(&"    ".repeat(self.depth));
        self.is_open = true;
    }
}
