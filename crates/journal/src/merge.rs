use minicbor::{Decode, Encode};
use purser_types::MemberId;

/// That two members are the same person, or are not after all. Moves nothing: what either has stays where it is, and
/// counts for both as long as this stands.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct MergeFact {
    /// Who was registered once too often.
    #[n(0)]
    pub member: MemberId,
    /// Who that is; nobody else if none. Of several facts about a member the last in turn counts.
    #[n(1)]
    pub into: Option<MemberId>,
    /// Why, in the words of whoever decided.
    #[n(2)]
    pub reason: String,
    /// Who decided.
    #[n(3)]
    pub by: String,
    /// One more than of the fact that this one takes back, 1 if there was none: whoever decides knows what was decided
    /// before, and clocks may be wrong. Of the same turn, from stores that did not know of each other, the later counts.
    #[n(4)]
    pub turn: u32,
}
