//! Rust source as tokens, so that a ban does not trip over comments, strings or line breaks.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::{offence::Offence, tree::SourceFile};

/// A piece of code that is not wanted, and what to write instead.
pub struct Ban {
    pub code: &'static str,
    pub instead: &'static str,
}

impl Ban {
    /// Where `tokens` of `file` write what is banned.
    pub fn offences(&self, file: &SourceFile, tokens: &Tokens) -> Vec<Offence> {
        let what = || format!("`{}`: {}", self.code, self.instead);
        let lines = tokens.lines_with(&Tokens::of(self.code));
        lines.into_iter().map(|line| Offence::new(&file.path, line, what())).collect()
    }
}

/// Code as a flat sequence of tokens. Brackets that close are left out, so that `#[ignore]`
/// is found in `#[ignore = "slow"]`; `use a::{b, c}` reads as `a::b`, `a::c`.
pub struct Tokens(Vec<Token>);

#[derive(Clone)]
struct Token {
    text: String,
    line: usize,
}

impl Tokens {
    pub fn of(code: &str) -> Self {
        let mut tokens = Tokens(Vec::new());
        tokens.flatten(stream(code), Vec::new());
        tokens
    }

    /// The lines on which `pattern` occurs.
    pub fn lines_with(&self, pattern: &Tokens) -> BTreeSet<usize> {
        let matches = |run: &&[Token]| run.iter().zip(&pattern.0).all(|(a, b)| a.text == b.text);
        self.0.windows(pattern.0.len()).filter(matches).map(|run| run[run.len() - 1].line).collect()
    }

    /// Appends `trees`; `path` is what stands before them, joined by `::`.
    fn flatten(&mut self, trees: impl IntoIterator<Item = TokenTree>, mut path: Vec<Token>) {
        for tree in trees {
            match tree {
                TokenTree::Group(group) if is_import_list(&group, &path) => {
                    self.flatten_imports(&group, &path);
                }
                TokenTree::Group(group) => {
                    path.clear();
                    self.push(opening(group.delimiter()), group.span_open().start().line);
                    self.flatten(group.stream(), Vec::new());
                }
                TokenTree::Punct(punct) if punct.as_char() != ':' => {
                    path.clear();
                    self.push(&punct.to_string(), punct.span().start().line);
                }
                word_or_colon => {
                    let line = word_or_colon.span().start().line;
                    path.push(self.push(&word_or_colon.to_string(), line));
                }
            }
        }
    }

    /// Appends each element of an import list as a path of its own.
    fn flatten_imports(&mut self, list: &Group, path: &[Token]) {
        let is_comma = |tree: &TokenTree| matches!(tree, TokenTree::Punct(it) if it.as_char() == ',');
        let trees: Vec<TokenTree> = list.stream().into_iter().collect();
        for element in trees.split(is_comma) {
            self.0.extend_from_slice(path);
            self.flatten(element.iter().cloned(), path.to_vec());
        }
    }

    fn push(&mut self, text: &str, line: usize) -> Token {
        let token = Token { text: text.to_owned(), line };
        self.0.push(token.clone());
        token
    }
}

/// Parses code; what rustc takes, this takes.
pub fn stream(code: &str) -> TokenStream {
    code.parse().unwrap_or_else(|e| panic!("{e} in what begins with {:?}", code.lines().next()))
}

fn is_import_list(group: &Group, path: &[Token]) -> bool {
    let after_colons = path.len() >= 2 && path[path.len() - 2..].iter().all(|token| token.text == ":");
    group.delimiter() == Delimiter::Brace && after_colons
}

fn opening(delimiter: Delimiter) -> &'static str {
    match delimiter {
        Delimiter::Parenthesis => "(",
        Delimiter::Brace => "{",
        Delimiter::Bracket => "[",
        Delimiter::None => "",
    }
}

#[test]
fn code_is_found_whatever_its_layout_and_not_in_comments_or_strings() {
    let code = r#"
        use std::{
            collections::{BTreeMap, hash_map},
            fs,
            net::TcpStream as Stream,
        };
        // std::fs in a comment
        /// std::fs in a doc comment
        fn f() { let name = "std::fs"; assert!(std :: fs::exists(name)); }
    "#;
    let lines = |pattern| Tokens::of(code).lines_with(&Tokens::of(pattern)).into_iter().collect::<Vec<_>>();
    assert_eq!(lines("std::fs"), [4, 9]);
    assert_eq!(lines("std::net"), [5]);
    assert_eq!(lines("std::collections::hash_map"), [3]);
    assert_eq!(lines("collections::fs"), [0; 0]);
}
