//! The rules of a scheme as data, and what a basket costs under them.
//!
//! A [`Programme`] is read from one TOML document (docs/programme.md has the language) and is sound from
//! then on: [`Programme::read`] refuses one with every mistake in it, each with its line. Two questions
//! are asked of it, and both are pure functions: [`Programme::standing`], in which tier a member is on a day,
//! and [`Programme::quote`], what a basket costs, what it earns, and why.
//!
//! # How a basket is priced
//! ```text
//! lines ── passes ── discounts, in the order of the document ── coupons ── cut to whole coins ── total
//!          each takes off what the ones before left     (apportioned)        │
//!          of a group only the best; below the floor                  points, stored value, money
//!          nothing more                                                      │
//!                                                              earned: of what was paid, by what counts
//! ```
//! Every amount is whole fen. What a rule takes off a basket is apportioned to its lines, so that the lines
//! always add up to the total (`apportion.rs`); ratios are exact decimals and cut as `[rounding]` says.
//!
//! # What this crate does not do
//! Nothing here knows of replicas, escrow or clocks: day, hour and what is known of the buyer are handed in,
//! and who calls turns a quote into postings. [`Programme::basic`] is what a city sells by until it publishes one.

mod activity;
mod apportion;
mod basket;
mod card_issue;
mod commission;
mod coupon;
mod discount;
mod document;
mod earning;
mod expiry;
mod explanation;
mod faults;
mod gaps;
mod goods;
mod label;
mod offline;
mod pricing;
mod programme;
mod quote;
mod ratio;
mod reader;
mod receipt;
mod redemption;
mod returns;
mod sheet;
mod standing;
mod stored_value;
mod tier;
mod when;
mod wrapping;

pub use activity::{Activity, Claim, Once, Referral};
pub use basket::{AMOUNT_FEN_MAX, Basket, Buyer, Line, Occasion};
pub use card_issue::CardIssue;
pub use commission::{Commission, Earnings, TopUp};
pub use coupon::{Award, Coupon, Lasting, Pass};
pub use discount::{Discount, Gives, NothingOff};
pub use earning::{Amount, Band, BandsBy, Earning, Multiplier, Tender};
pub use expiry::Expiry;
pub use explanation::Language;
pub use faults::{Fault, FaultKind, Faults};

pub use goods::{Catalogue, Goods};
pub use label::{Label, RuleId, Words};
pub use offline::Offline;
pub use pricing::{Outcome, Step};
pub use programme::{Programme, RoundingRule, Stacking};
pub use quote::{Earned, Payment, Quote, QuoteRefused, QuotedLine, StoredValuePayment};
pub use ratio::{Ratio, Rounding};
pub use receipt::{Account, Held, Receipt, ReceiptKind, ReceiptLine};
pub use redemption::{Cash, NotRedeemed, Redemption, Reward, RewardGives};
pub use returns::{NotReturned, Returned, Sold, SoldLine, Worth, worth_of};
pub use sheet::Paper;
pub use standing::{Deal, Grant, History, Standing};
pub use stored_value::{BonusBand, Order, Parts, StoredValue, Today, ValueRefused};
pub use tier::{Otherwise, Tier, Validity, Way};
pub use when::{Birthday, NotNow, When};
