//! What happens in the shops of a city, end to end: real processes, sockets and databases.
//!
//! Each file tells one kind of day. Nothing is asserted by waiting a fixed time: a test waits
//! until something is so, and fails if that takes far too long.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in what tests share

mod city {
    // What the stories are made of.
    mod command;
    mod insider;
    mod till;
    mod town;

    // The stories.
    mod backups;
    mod carrying;
    mod clients;
    mod clocks;
    mod clones;
    mod fences;
    mod full_disk;
    mod hostile;
    mod hubs;
    mod joining;
    mod last_points;
    mod mistakes;
    mod neighbours;
    mod network;
    mod newcomer;
    mod old_databases;
    mod power;
    mod programme;
    mod session;
    mod slow;
    mod strangers;
}
