//! The crates of the workspace, and what they promise.

/// Every crate, lowest first. A crate depends only on crates above it in this list.
pub const ORDER: [&str; 19] = [
    "types",
    "ledger",
    "escrow",
    "programme",
    "journal",
    "documents",
    "storage",
    "replica",
    "sync",
    "transport",
    "service",
    "pages",
    "webhooks",
    "node",
    "hub",
    "adapters",
    "demo",
    "simulations",
    "tests",
];

/// The crates that do no I/O and give the same output for the same input. `storage` does
/// I/O for the replica, which calls it synchronously.
pub const PURE: [&str; 8] =
    ["types", "ledger", "escrow", "programme", "journal", "documents", "replica", "sync"];

/// The directory of a crate, from the root of the repository.
pub fn directory(name: &str) -> String {
    match name {
        "node" | "hub" | "adapters" | "demo" | "simulations" | "tests" => name.to_owned(),
        library => format!("crates/{library}"),
    }
}

/// Whether the file at `path` belongs to one of these crates.
pub fn belongs_to(path: &str, crates: &[&str]) -> bool {
    crates.iter().any(|name| path.starts_with(&format!("{}/", directory(name))))
}

/// Whether the file at `path` holds tests or benches and nothing else.
pub fn is_test_file(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "benches" | "tests.rs"))
}
