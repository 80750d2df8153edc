use std::{fmt, str::FromStr};

use purser_types::ParseError;

/// A way to reach a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Text message.
    Sms,
    /// E-mail.
    Email,
    /// WeChat.
    Wechat,
    /// A call.
    Phone,
}

/// Whether a member wants to be reached on a channel. The later in this order holds where
/// stores have recorded different wishes at the same time: a withdrawal is never merged away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Consent {
    /// The member agreed.
    Granted,
    /// The member does not want it, or no longer.
    Withdrawn,
}

impl Channel {
    /// All channels.
    pub const ALL: [Channel; 4] = [Channel::Sms, Channel::Email, Channel::Wechat, Channel::Phone];

    /// The channel's stable name.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Sms => "sms",
            Channel::Email => "email",
            Channel::Wechat => "wechat",
            Channel::Phone => "phone",
        }
    }
}

impl Consent {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Consent::Granted => "granted",
            Consent::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Channel {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let channel = Self::ALL.into_iter().find(|channel| channel.name() == text);
        channel.ok_or_else(|| ParseError::new("channel", text, "sms, email, wechat or phone"))
    }
}

impl FromStr for Consent {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let consent = [Consent::Granted, Consent::Withdrawn].into_iter().find(|c| c.name() == text);
        consent.ok_or_else(|| ParseError::new("consent", text, "granted or withdrawn"))
    }
}
