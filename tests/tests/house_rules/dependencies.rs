//! Rule: dependencies point up the list of crates only, and heavy libraries stay where they belong.

use super::{
    layers::{ORDER, directory},
    manifest::{Dependency, Manifest, manifests},
    offence::{Offence, assert_none, lines},
    tree::SourceFile,
};

/// A package that only some crates may depend on.
struct Fence {
    packages: &'static [&'static str],
    /// Whether the crate of this name may depend on it.
    open_to: fn(&str) -> bool,
    /// Whether the tests of the other crates may.
    open_to_tests: bool,
    instead: &'static str,
}

const FENCES: [Fence; 4] = [
    Fence {
        packages: &["tokio", "quinn", "axum"],
        open_to: |name| place(name) > place("sync"),
        open_to_tests: false,
        instead: "up to `sync` nothing waits or talks to a network; that is for `transport` and `service`",
    },
    Fence {
        packages: &["automerge"],
        open_to: |name| name == "documents",
        open_to_tests: false,
        instead: "only `documents` knows Automerge; go through its types",
    },
    Fence {
        packages: &["rusqlite"],
        open_to: |name| name == "storage",
        open_to_tests: true,
        instead: "only `storage` knows SQLite; add what you need to it",
    },
    Fence {
        packages: &[
            "tokio",
            "quinn",
            "purser-transport",
            "purser-service",
            "purser-pages",
            "purser-webhooks",
            "purser-node",
            "purser-hub",
            "purser-demo",
        ],
        open_to: |name| name != "simulations",
        open_to_tests: false,
        instead: "a simulation drives `replica` and `sync` on its own clock and network",
    },
];

#[test]
fn dependencies_point_up_the_list_only() {
    assert_none(&manifests().iter().flat_map(offences).collect::<Vec<_>>());
}

fn offences(manifest: &Manifest<'_>) -> Vec<Offence> {
    let name = manifest.crate_name();
    if manifest.file.path != format!("{}/Cargo.toml", directory(name)) || place(name).is_none() {
        let what =
            format!("`{name}` in an unknown place: add it to ORDER in tests/tests/house_rules/layers.rs");
        return vec![Offence::new(&manifest.file.path, 1, what)];
    }
    let dependencies = manifest.dependencies();
    let complaints = dependencies.iter().flat_map(|it| {
        let fences =
            FENCES.iter().filter(|fence| keeps_out(fence, name, it)).map(|fence| fence.instead.to_owned());
        fences.chain(against_the_order(name, it)).map(|what| (it, what)).collect::<Vec<_>>()
    });
    complaints
        .map(|(it, what)| Offence::new(&manifest.file.path, it.line, format!("`{}`: {what}", it.package)))
        .collect()
}

fn keeps_out(fence: &Fence, name: &str, dependency: &Dependency<'_>) -> bool {
    fence.packages.contains(&dependency.package)
        && !(fence.open_to)(name)
        && !(fence.open_to_tests && dependency.for_tests)
}

fn against_the_order(name: &str, dependency: &Dependency<'_>) -> Option<String> {
    let other = dependency.package.strip_prefix("purser-")?;
    let upwards = place(other).is_some() && place(other) < place(name);
    let what =
        format!("does not stand above `{name}` in the list of crates; move the code, or hand in its result");
    (!upwards && !dependency.for_tests).then_some(what)
}

fn place(name: &str) -> Option<usize> {
    ORDER.iter().position(|it| *it == name)
}

#[test]
fn wrong_directions_and_strangers_are_caught() {
    let caught = |name: &str, dependencies: &str| {
        let text = format!("[package]\nname = \"purser-{name}\"\n[dependencies]\n{dependencies}");
        lines(&offences(&Manifest::parse(&SourceFile::new(&format!("{}/Cargo.toml", directory(name)), text))))
    };
    assert_eq!(caught("ledger", "purser-types.workspace = true\npurser-journal.workspace = true\n"), [5]);
    assert_eq!(caught("ledger", "purser-ledger.workspace = true\npurser-unheard = \"1\"\n"), [4, 5]);
    assert_eq!(caught("replica", "tokio = \"1\"\nautomerge = \"1\"\nrusqlite = \"1\"\n"), [4, 5, 6]);
    assert_eq!(
        caught("sync", "minicbor = \"1\"\n[dev-dependencies]\nrusqlite = \"1\"\ntokio = \"1\"\n"),
        [7]
    );
    assert_eq!(caught("simulations", "purser-sync = \"1\"\npurser-service = \"1\"\n"), [5]);
    assert_eq!(
        caught("service", "tokio = \"1\"\npurser-sync = \"1\"\n[dev-dependencies]\npurser-hub = \"1\"\n"),
        [0; 0]
    );
    assert_eq!(caught("novelty", ""), [1]);
}
