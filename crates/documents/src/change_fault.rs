use purser_types::Coded;

/// Why a change was set aside. An honest replica makes no such change: in another's journal
/// it is a reason to look into the replica that wrote it, in our own it is a bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeFault {
    /// More than 64 KiB.
    #[error("the profile change is larger than 64 KiB: make several smaller ones")]
    TooLarge,
    /// More operations, replaced values or dependencies than a change may have.
    #[error("the profile change has too many parts: make several smaller ones")]
    TooManyParts,
    /// Compressed: it could unpack to any size.
    #[error("the profile change is compressed, which is not allowed: look into the replica that wrote it")]
    Compressed,
    /// Not a change, or damaged.
    #[error("the profile change is damaged: look into the disk of the replica that wrote it")]
    Unreadable,
    /// Made under another replica's name than that of the journal it stands in.
    #[error("the profile change was made in another replica's name: look into the replica that wrote it")]
    Impersonated,
    /// Readable, but not of the form that profiles have.
    #[error("the profile change is not of the form of a profile: look into the replica that wrote it")]
    UnknownForm,
    /// The author has made another change under the same sequence number.
    #[error(
        "the replica has written two profile changes under one number: it runs on an old copy of its data"
    )]
    Forked,
    /// A number that does not follow the author's changes in its past.
    #[error(
        "the profile change leaves out its author's earlier ones: its author runs on an old copy of its data"
    )]
    SequenceGap,
    /// Operations that do not follow its past, or that replace what is not in it.
    #[error("the profile change does not fit its own past: look into the replica that wrote it")]
    OutOfPlace,
    /// Passed every check, yet Automerge could not apply it, save it and load it again.
    #[error("the profile change cannot be applied: report it, this is a bug")]
    Poisonous,
}

impl Coded for ChangeFault {
    fn code(&self) -> &'static str {
        match self {
            ChangeFault::TooLarge => "profile_change_too_large",
            ChangeFault::TooManyParts => "profile_change_too_many_parts",
            ChangeFault::Compressed => "profile_change_compressed",
            ChangeFault::Unreadable => "profile_change_unreadable",
            ChangeFault::Impersonated => "profile_change_impersonated",
            ChangeFault::UnknownForm => "profile_change_unknown_form",
            ChangeFault::Forked => "profile_change_forked",
            ChangeFault::SequenceGap => "profile_change_sequence_gap",
            ChangeFault::OutOfPlace => "profile_change_out_of_place",
            ChangeFault::Poisonous => "profile_change_poisonous",
        }
    }
}
