/// Why rights that are elsewhere could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum RightsCause {
    /// Nobody was asked.
    #[error("the rest is held by other stores")]
    NotAsked,
    /// This store has no line to anybody.
    #[error("this store is off line and the rest is held by other stores")]
    OffLine,
    /// The hub answered that the stores that hold them cannot be reached.
    #[error("the stores that hold the rest cannot be reached")]
    HolderOffLine,
    /// No answer came in time.
    #[error("no answer came in time from those who hold the rest")]
    NoAnswer,
}

/// Why points could not be spent in advance of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdvanceShort {
    /// So much may not be open for one member at one store.
    MemberLimit,
    /// So much may not be spent in advance at one store on one day.
    DayLimit,
    /// The store's allowance does not cover it.
    UsedUp,
}

impl AdvanceShort {
    /// A stable name.
    pub fn name(self) -> &'static str {
        match self {
            AdvanceShort::MemberLimit => "member_limit",
            AdvanceShort::DayLimit => "day_limit",
            AdvanceShort::UsedUp => "used_up",
        }
    }
}

impl RightsCause {
    /// A stable name.
    pub fn name(self) -> &'static str {
        match self {
            RightsCause::NotAsked => "not_asked",
            RightsCause::OffLine => "off_line",
            RightsCause::HolderOffLine => "holder_off_line",
            RightsCause::NoAnswer => "no_answer",
        }
    }
}
