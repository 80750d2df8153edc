//! What a member's page says, in Chinese and English.

use std::fmt::Display;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}

/// Something that went wrong, for a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The link opens nothing.
    UnknownLink,
    /// The form cannot be read.
    Form,
    /// Not a whole number of rewards.
    Steps,
    /// More than the member has elsewhere.
    TooMany,
    /// Rights could not be fetched in time.
    OutOfReach,
    /// Enough codes are open.
    CodesOpen,
    /// Tried too often.
    TooOften,
    /// The store is not there any more.
    NoStore,
    /// The hub cannot now.
    Later,
}

impl Language {
    /// The language chosen by hand, or else the first that the phone asks for and that is spoken here.
    pub(crate) fn choose(by_hand: Option<&str>, accepted: Option<&str>) -> Self {
        let named = |tag: &str| match tag.trim().to_ascii_lowercase() {
            tag if tag.starts_with("zh") => Some(Language::Chinese),
            tag if tag.starts_with("en") => Some(Language::English),
            _ => None,
        };
        let accepted = || accepted.unwrap_or_default().split(',').find_map(named);
        by_hand.and_then(named).or_else(accepted).unwrap_or(Language::Chinese)
    }

    fn pick(self, chinese: &'static str, english: &'static str) -> &'static str {
        match self {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    pub(crate) fn tag(self) -> &'static str {
        self.pick("zh-CN", "en")
    }

    /// The other language: what it is called in the query, and by itself.
    pub(crate) fn other(self) -> (&'static str, &'static str) {
        match self {
            Language::Chinese => ("en", "English"),
            Language::English => ("zh", "中文"),
        }
    }

    /// This language, in the query.
    pub(crate) fn query(self) -> &'static str {
        self.pick("zh", "en")
    }

    pub(crate) fn title(self) -> &'static str {
        self.pick("我的积分", "My points")
    }

    pub(crate) fn points(self) -> &'static str {
        self.pick("积分", "points")
    }

    pub(crate) fn expires_next(self, points: i64, date: impl Display) -> String {
        match self {
            Language::Chinese => format!("其中 {points} 积分将于 {date} 到期"),
            Language::English => format!("{points} of them expire on {date}"),
        }
    }

    pub(crate) fn never_expires(self) -> &'static str {
        self.pick("积分长期有效", "They do not expire")
    }

    pub(crate) fn codes(self) -> &'static str {
        self.pick("到店出示", "Show this at the store")
    }

    pub(crate) fn for_store(self, points: i64, name: &str) -> String {
        match self {
            Language::Chinese => format!("{points} 积分 · {name}"),
            Language::English => format!("{points} points · {name}"),
        }
    }

    pub(crate) fn good_until(self, date: impl Display, (hour, minute): (u32, u32)) -> String {
        match self {
            Language::Chinese => format!("{date} {hour:02}:{minute:02} 前有效，仅限该门店使用一次"),
            Language::English => format!("Good until {date} {hour:02}:{minute:02}, once, at this store only"),
        }
    }

    pub(crate) fn scan(self) -> &'static str {
        self.pick("收银员扫描此二维码", "Let the cashier scan this code")
    }

    pub(crate) fn as_text(self) -> &'static str {
        self.pick("以文字显示", "Show as text")
    }

    pub(crate) fn carry(self) -> &'static str {
        self.pick("带积分到门店", "Carry points to a store")
    }

    pub(crate) fn carry_why(self) -> &'static str {
        self.pick(
            "门店断网时，凭二维码也能使用积分。积分仍然是您的，到店前不会被扣除。",
            "With the code you can use your points even where the store's line is down. They stay yours until you \
             spend them.",
        )
    }

    pub(crate) fn store(self) -> &'static str {
        self.pick("门店", "Store")
    }

    pub(crate) fn how_many(self) -> &'static str {
        self.pick("积分数量（100 的倍数）", "How many points (in hundreds)")
    }

    pub(crate) fn make_code(self) -> &'static str {
        self.pick("生成二维码", "Make a code")
    }

    pub(crate) fn nothing_to_carry(self) -> &'static str {
        self.pick("满 100 积分后可以带到门店使用。", "From 100 points on you can carry them to a store.")
    }

    pub(crate) fn trouble(self, trouble: Trouble) -> &'static str {
        match trouble {
            Trouble::UnknownLink => self.pick(
                "此链接无效，请向门店索取新的链接。",
                "This link opens nothing: ask your store for a new one.",
            ),
            Trouble::Form => self.pick("请选择门店并填写积分数量。", "Choose a store and how many points."),
            Trouble::Steps => self.pick("积分数量须为 100 的倍数。", "Points are carried in hundreds."),
            Trouble::TooMany => self.pick(
                "积分不足，或已在该门店可用。",
                "You have too few points, or they can be used at that store already.",
            ),
            Trouble::OutOfReach => self.pick(
                "部分积分暂时在其他门店，请减少数量或稍后再试。",
                "Some of your points cannot be reached now: try fewer, or later.",
            ),
            Trouble::CodesOpen => self
                .pick("已有三个未使用的二维码，请先使用。", "Three codes are open already: use one first."),
            Trouble::TooOften => {
                self.pick("操作过于频繁，请一小时后再试。", "Too often: try again in an hour.")
            }
            Trouble::NoStore => self.pick("该门店已不可选。", "This store cannot be chosen any more."),
            Trouble::Later => self.pick("系统繁忙，请稍后再试。", "This does not work now: try again later."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_chosen_or_the_phones() {
        use Language::{Chinese, English};
        for (by_hand, accepted, expected) in [
            (None, None, Chinese),
            (None, Some("en-GB,en;q=0.9,zh;q=0.8"), English),
            (None, Some("fr-FR, zh-CN;q=0.9, en;q=0.8"), Chinese),
            (Some("en"), Some("zh-CN"), English),
            (Some("xx"), Some("en"), English),
            (None, Some("fr"), Chinese),
        ] {
            assert_eq!(Language::choose(by_hand, accepted), expected, "{by_hand:?} {accepted:?}");
        }
    }
}
