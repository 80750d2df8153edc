//! The functions in a piece of code, and how long they are.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::tokens::stream;

/// A function with a body, from its `fn` to its closing brace.
pub struct Function {
    pub name: String,
    pub line: usize,
    pub length: usize,
    /// Whether it is a test or stands in a test module.
    pub for_tests: bool,
}

/// The functions of a file, which as a whole is `for_tests` or not. Those in `proptest!`
/// count too: this goes through tokens rather than items.
pub fn functions(code: &str, for_tests: bool) -> Vec<Function> {
    let mut found = Vec::new();
    find(stream(code), for_tests, &mut found);
    found
}

fn find(trees: TokenStream, for_tests: bool, found: &mut Vec<Function>) {
    let mut trees = trees.into_iter().peekable();
    let mut head = None;
    let mut marked = false;
    while let Some(tree) = trees.next() {
        match (tree, trees.peek()) {
            (TokenTree::Ident(word), Some(TokenTree::Ident(name))) if word == "fn" => {
                head = Some((name.to_string(), word.span().start().line));
            }
            (TokenTree::Punct(punct), _) if punct.as_char() == ';' => (head, marked) = (None, false),
            (TokenTree::Group(group), _) => {
                let for_tests = for_tests || marked;
                match group.delimiter() {
                    Delimiter::Bracket => marked |= marks_tests(&group.stream()),
                    Delimiter::Brace => {
                        let end = group.span_close().end().line;
                        let body_of =
                            |(name, line)| Function { name, line, length: end - line + 1, for_tests };
                        found.extend(head.take().map(body_of));
                        marked = false;
                    }
                    Delimiter::Parenthesis | Delimiter::None => {}
                }
                find(group.stream(), for_tests, found);
            }
            _ => {}
        }
    }
}

/// Whether these are the insides of `#[test]`, `#[tokio::test(…)]` or `#[cfg(test)]`.
fn marks_tests(attribute: &TokenStream) -> bool {
    let text = attribute.to_string().replace(' ', "");
    matches!(text.as_str(), "test" | "cfg(test)") || text.starts_with("tokio::test")
}

#[test]
fn functions_are_measured_wherever_they_stand() {
    let code = "\
fn short() {}

trait Shape { fn area(&self) -> f64; }
impl Shape for Square {
    /// Its doc does not count.
    fn area(&self) -> f64
    where Self: Sized {
        fn inner() {
        }
        0.0
    }
}
#[cfg(test)]
mod tests {
    fn setting(then: fn(u8) -> u8) {}
    proptest! {
        #[test]
        fn holds(x in 0..3) {

        }
    }
}
#[tokio::test(start_paused = true)]
async fn works() {}
fn last() {}
";
    let measured: Vec<_> =
        functions(code, false).into_iter().map(|it| (it.name, it.line, it.length, it.for_tests)).collect();
    let expected = [
        ("short", 1, 1, false),
        ("area", 6, 6, false),
        ("inner", 8, 2, false),
        ("setting", 15, 1, true),
        ("holds", 18, 3, true),
        ("works", 24, 1, true),
        ("last", 25, 1, false),
    ];
    let expected = expected.map(|(name, line, length, test)| (name.to_owned(), line, length, test));
    assert_eq!(measured, expected);
}
