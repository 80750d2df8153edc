use minicbor::{Decode, Encode};
use purser_types::MemberId;

/// That two members are the same person, or are not after all. Moves nothing: what either has stays where it is, and
/// counts for both as long as this stands.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct MergeFact {
    /// Who was registered once too often.
    #[n(0)]
    pub member: MemberId,
    /// Who that is; nobody else if none. Of several facts about a member the latest counts.
    #[n(1)]
    pub into: Option<MemberId>,
    /// Why, in the words of whoever decided.
    #[n(2)]
    pub reason: String,
    /// Who decided.
    #[n(3)]
    pub by: String,
}
