use std::{fmt, str::FromStr};

use purser_types::ParseError;

/// An enum whose variants have texts that never change: they stand in documents.
macro_rules! text_codes {
    (
        $(#[$doc:meta])* $name:ident, $what:literal;
        $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The text that stands for it in documents and outside.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = ParseError;

            fn from_str(text: &str) -> Result<Self, ParseError> {
                let expected = concat!("one of:" $(, " ", $text)+);
                let found = Self::ALL.iter().find(|code| code.as_str() == text);
                found.copied().ok_or_else(|| ParseError::new($what, text, expected))
            }
        }
    };
}

text_codes!(
    /// What staff may know of a member, one text each. All of them are personal.
    Field, "profile field";
    /// Full name.
    Name = "name",
    /// `f`, `m` or `other`.
    Sex = "sex",
    /// A day such as `1990-02-28`.
    BirthDate = "birth_date",
    /// Digits, a leading `+` allowed.
    Phone = "phone",
    /// Identity card or passport: letters and digits.
    IdNumber = "id_number",
    /// Postal address.
    Address = "address",
    /// `yes` or `no`.
    MedicalInsurance = "medical_insurance",
    /// Usual ailments.
    Ailments = "ailments",
    /// What the member likes.
    Preferences = "preferences",
    /// Free notes of the staff, lines allowed.
    Notes = "notes",
    /// Who brought the member.
    Referrer = "referrer",
);

text_codes!(
    /// The state of a card, from the least to the most safe. When stores set different
    /// states at the same time, the safest stands: the greatest in this order.
    ///
    /// - Only [`Active`](CardState::Active) lets a card be used, so everything outranks it.
    /// - Expiry follows from dates and can be found again; a freeze and a loss cannot, so
    ///   they outrank it.
    /// - A lost card may be in a stranger's hands, so the loss outranks the freeze.
    /// - Nothing leads back from replaced and cancelled, so they outrank the rest.
    ///
    /// A store that has seen a state may overwrite it with any other, unless it
    /// [is final](CardState::is_final): found again (解挂) is such an edit. What it overwrites is
    /// only what it has seen.
    CardState, "card state";
    /// In use.
    Active = "active",
    /// Out of its validity.
    Expired = "expired",
    /// Stopped by staff.
    Frozen = "frozen",
    /// Reported lost (挂失).
    Lost = "lost",
    /// Another card took its place (补办).
    Replaced = "replaced",
    /// Closed.
    Cancelled = "cancelled",
);

impl CardState {
    /// Whether nothing leads back from it: the card is void for good.
    pub fn is_final(self) -> bool {
        matches!(self, CardState::Replaced | CardState::Cancelled)
    }
}

text_codes!(
    /// A way to reach a member.
    Channel, "channel";
    /// Text message.
    Sms = "sms",
    /// E-mail.
    Email = "email",
    /// `WeChat`.
    Wechat = "wechat",
    /// Telephone call.
    Phone = "phone",
);

text_codes!(
    /// Whether a channel may be used. Of concurrent answers the withdrawal stands.
    Consent, "consent";
    /// The member agreed.
    Granted = "granted",
    /// The member refused or took the consent back.
    Withdrawn = "withdrawn",
);
