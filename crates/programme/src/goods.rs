use std::collections::BTreeSet;

use serde::Deserialize;

use crate::basket::Line;

/// What goods can be told apart by: what a till may name, and rules may speak of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Catalogue {
    /// Kinds of goods, each line of a basket being of one.
    pub categories: BTreeSet<String>,
    /// What may be said of goods beside that, such as `special-price` or `own-brand`.
    pub flags: BTreeSet<String>,
}

/// Which goods a rule is about: all, unless it says less. A line must satisfy all that is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Goods {
    /// One of these articles.
    pub articles: Vec<String>,
    /// Of one of these categories.
    pub categories: Vec<String>,
    /// With at least one of these flags.
    pub with: Vec<String>,
    /// With none of these flags.
    pub without: Vec<String>,
}

impl Goods {
    /// Whether they are among these goods.
    pub fn cover(&self, line: &Line) -> bool {
        let among = |wanted: &[String], has: &str| wanted.is_empty() || wanted.iter().any(|it| it == has);
        let has_flag = |flag: &String| line.flags.contains(flag);
        among(&self.articles, &line.article)
            && among(&self.categories, &line.category)
            && (self.with.is_empty() || self.with.iter().any(has_flag))
            && !self.without.iter().any(has_flag)
    }

    /// What is wrong with them.
    pub(crate) fn faults(&self, catalogue: &Catalogue) -> Vec<String> {
        let unknown = |kind: &'static str, names: &[String], known: &BTreeSet<String>| {
            let unknown = names.iter().filter(|name| !known.contains(*name));
            unknown.map(|name| format!("{kind} `{name}` is not in [goods]")).collect::<Vec<_>>()
        };
        let both = self.with.iter().filter(|flag| self.without.contains(flag));
        let both = both.map(|flag| format!("`{flag}` is both wanted and excluded: no goods are left"));
        [
            unknown("the category", &self.categories, &catalogue.categories),
            unknown("the flag", &self.with, &catalogue.flags),
            unknown("the flag", &self.without, &catalogue.flags),
            both.collect(),
        ]
        .concat()
    }
}
