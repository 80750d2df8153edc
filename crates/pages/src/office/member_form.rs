//! The form of a member's profile: who sees which field of it, what it changes, and what is said of it afterwards.

use purser_documents::{Edit, EditError, Field, Profile};
use purser_replica::Refusal;
use rust_i18n::t;

use crate::{
    desk::Fault,
    fields::{Fields, plain_digits},
    gate::Guest,
    language::Language,
    refusals,
};

/// What has been done, for the page that comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    Saved,
    /// Saved, and the member has no name any more.
    Nameless,
    /// There was nothing to save.
    Unchanged,
    Settled,
    Card,
    Replaced,
    Cancelled,
    Merged,
    Split,
}

/// What cashiers see and change; the rest is for who runs the store.
const EVERYDAY: [Field; 6] =
    [Field::Name, Field::Phone, Field::BirthDate, Field::Sex, Field::Preferences, Field::Notes];

impl Done {
    const ALL: [Done; 9] = [
        Done::Saved,
        Done::Nameless,
        Done::Unchanged,
        Done::Settled,
        Done::Card,
        Done::Replaced,
        Done::Cancelled,
        Done::Merged,
        Done::Split,
    ];

    /// What a saved profile comes to.
    pub(crate) fn of(edits: &[Edit]) -> Self {
        let clears_name = |edit: &Edit| *edit == Edit::SetField { field: Field::Name, value: None };
        if edits.is_empty() {
            Done::Unchanged
        } else if edits.iter().any(clears_name) {
            Done::Nameless
        } else {
            Done::Saved
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Done::Saved => "saved",
            Done::Nameless => "nameless",
            Done::Unchanged => "unchanged",
            Done::Settled => "settled",
            Done::Card => "card",
            Done::Replaced => "replaced",
            Done::Cancelled => "cancelled",
            Done::Merged => "merged",
            Done::Split => "split",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.name() == name)
    }
}

/// Papers, address and ailments are nobody's business at the counter.
pub(crate) fn may_see(guest: &Guest, field: Field) -> bool {
    guest.is_manager() || EVERYDAY.contains(&field)
}

/// What the form says otherwise than the profile.
pub(crate) fn edits(guest: &Guest, fields: &Fields, profile: &Profile) -> Vec<Edit> {
    let fields_shown = Field::ALL.iter().copied().filter(|field| may_see(guest, *field));
    let changed = fields_shown.filter(|field| fields.has(field.as_str())).filter_map(|field| {
        // Against what the form had shown: somebody else may have changed the field since.
        let (now, was) = (fields.get(field.as_str()), fields.get(&format!("was_{}", field.as_str())));
        let value = Some(in_form(field, now)).filter(|text| !text.is_empty());
        (now != was && value.as_deref().unwrap_or_default() != profile.text(field).unwrap_or_default().trim())
            .then_some(Edit::SetField { field, value })
    });
    changed.collect()
}

/// Figures as they are computed with, whatever keyboard they came from.
fn in_form(field: Field, text: &str) -> String {
    match field {
        Field::Phone | Field::BirthDate => plain_digits(text).replace(['－', '／', '/'], "-"),
        _ => text.to_owned(),
    }
}

/// Why nothing was saved: of a field which one, and how it should be.
pub(crate) fn trouble(fault: &Fault, language: Language) -> String {
    let locale = language.locale();
    let Fault::Refused(Refusal::Profile(EditError::Invalid { what, .. })) = fault else {
        return refusals::words(fault, language);
    };
    let hint = match *what {
        "phone" => t!("member.hint_phone", locale = locale),
        "birth_date" => t!("member.hint_birth_date", locale = locale),
        "id_number" => t!("member.hint_id_number", locale = locale),
        _ => t!("member.hint_text", locale = locale),
    };
    let field = t!(format!("field.{what}"), locale = locale);
    t!("member.field_wrong", locale = locale, field = field, hint = hint).into_owned()
}
