//! Tells other programs what happens, by the Standard Webhooks specification
//! (<https://www.standardwebhooks.com>); docs/webhooks.md is for who receives.
//!
//! The journals themselves are the outbox: an endpoint has a cursor, how far each journal has been
//! told, in a file of its own beside the database. So nothing is written when something happens,
//! nothing is lost with the power, and an endpoint that is away for a month costs nothing but its
//! cursor. Delivery is at least once; in the order of each journal, one at a time for each endpoint;
//! the id of a message is the name and hash of its entry, the same whenever it is sent.
//!
//! ```text
//! supervisor ── one courier an endpoint: feed (journals from the cursor on) → event → poster (HTTPS) → cursor
//! ```
//!
//! What is deliberately absent: names, phone numbers and whatever else people have typed of members;
//! redirects; a queue, and a limit to how long is tried.

mod courier;
mod cursor;
mod endpoint;
mod event;
mod event_kind;
mod feed;
mod files;
mod folder;
mod moment;
mod pace;
mod poster;
mod secret;
mod standing;
mod supervisor;
mod target;

pub use endpoint::Endpoint;
pub use event_kind::{EventFilter, UnknownEvent};
pub use feed::Whose;
pub use folder::{WebhookError, WebhookFolder};
pub use moment::moment;
pub use pace::Pace;
pub use secret::Secret;
pub use standing::{Condition, Standing};
pub use supervisor::{Webhooks, start};
pub use target::{Target, TargetRefused};
