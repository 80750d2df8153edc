//! The house rules, as tests over the source tree. Each rule is a module: a function that
//! finds the offences, a test that the tree has none, and a test that made-up offences are found.
//!
//! To add a rule, add a module of that shape. To change one, change its table or limit.

mod house_rules {
    // What the rules are made of.
    mod functions;
    mod layers;
    mod manifest;
    mod offence;
    mod tokens;
    mod tree;

    // The rules.
    mod dependencies;
    mod leftovers;
    mod lengths;
    mod links;
    mod manifests;
    mod names;
    mod purity;
    mod text;
}
