//! What node and hub share towards the outside: the HTTP API, its configuration, token,
//! metrics and log.
//!
//! [`node_router`] and [`hub_router`] make the API of a running node (crates/transport's
//! [`Handle`](purser_transport::Handle)); [`serve`] serves it. The contract is the OpenAPI
//! document ([`openapi_json`], `/v1/openapi.json`), made from the handlers and from one table
//! of problems (problem_kind.rs).
//!
//! # How a request goes
//! - Changes become orders: the body is parsed into types, hashed, and submitted with the hash
//!   of its `Idempotency-Key`; the answer is made from the reply's journal entry alone, so a
//!   repetition gets the same one.
//! - Reads go to a few read connections (readers.rs), never to the writer and never to the
//!   network. Only what is asked about the node itself (`/status`, `/metrics`, `/fleet`,
//!   `/health`) is asked of the engine.
//! - Whatever goes wrong, framework and panics included, is told as `application/problem+json`.
//! - Each operation declares beside its route the scopes of which it wants one; authentication.rs keeps
//!   to what the document says, so an operation cannot be described one way and guarded another.
//!
//! What is deliberately absent: TLS and CORS (a reverse proxy's business), and personal data in
//! logs: no path, query or body is ever logged.

mod allowances;
mod amount;
mod answer;
mod api;
mod api_token;
mod authentication;
mod balances;
mod basket_lines;
mod buyer;
mod callers;
mod cards;
mod change;
mod checkouts;
mod claims;
mod commission;
mod config;
mod coupon_codes;
mod cursor;
mod docs_page;
mod fences;
mod finding;
mod fleet;
mod grants;
mod health;
mod history;
mod history_line;
mod holds;
mod json_object;
mod late;
mod log;
mod member_links;
mod member_pages;
mod members;
mod merges;
mod metrics;
mod observation;
mod openapi;
mod passes;
mod password;
mod points;
mod printing;
mod problem;
mod problem_kind;
mod profile_fields;
mod profile_parts;
mod programmes;
mod quotes;
mod readers;
mod receipts;
mod reclaims;
mod request_parts;
mod returns;
mod rewards;
mod routes;
mod serve;
mod spelling;
mod staff;
mod status;
mod text;
mod timestamp;
mod token_folder;
mod token_scope;
mod token_secret;
mod top_ups;
mod vouchers;

pub use api_token::{ApiToken, ApiTokenError};
pub use callers::Callers;
pub use config::{Config, ConfigError, HttpConfig, LinkConfig, LogConfig, RightsConfig};
pub use log::{LOG_FILTER, LogFormat, start_log};
pub use member_pages::{MemberPages, MemberPagesError};
pub use password::{Password, PasswordRefused};
pub use readers::{ReadFault, Reader, Readers};
pub use receipts::receipt_text;
pub use routes::{hub_router, node_router, openapi_json};
pub use serve::serve;
pub use token_folder::{NamedToken, TokenError, TokenFolder};
pub use token_scope::{TokenScope, UnknownScope};
pub use token_secret::TokenSecret;
