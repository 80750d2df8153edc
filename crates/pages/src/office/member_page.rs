//! The page of a member, piece by piece.

use maud::{Markup, html};
use purser_documents::{Field, PersonalText};
use purser_storage::MemberRow;
use rust_i18n::t;

use crate::{
    fields::{Fields, shown},
    gate::{FORM_KEY, Guest},
    office::{member::Known, member_cards, member_form::may_see, member_holdings, members::rows, movements},
};

/// What it is made of.
pub(crate) struct Page<'a> {
    pub(crate) guest: &'a Guest,
    pub(crate) known: &'a Known,
    /// The key of its forms.
    pub(crate) key: &'a str,
    /// What was typed, if that was not carried out.
    pub(crate) typed: Option<&'a Fields>,
}

impl Page<'_> {
    pub(crate) fn html(&self) -> Markup {
        html! {
            div .two {
                div { (self.head()) (self.conflicts()) (self.profile()) }
                div { (member_holdings::html(self.known, self.guest.language)) (member_cards::html(self)) (self.alike())
                    (movements::list(&self.known.movements, self.guest.language)) }
            }
        }
    }

    /// Of which form, and of whom.
    pub(crate) fn kept(&self) -> Markup {
        html! {
            input type="hidden" name=(FORM_KEY) value=(self.guest.session.form_key);
            input type="hidden" name="member" value=(self.known.member);
            input type="hidden" name="key" value=(self.key);
        }
    }

    fn head(&self) -> Markup {
        let locale = self.guest.language.locale();
        let name = self.known.profile.text(Field::Name).unwrap_or_default();
        html! {
            section .card {
                h1 { @if name.is_empty() { (t!("member.unnamed", locale = locale)) } @else { (name) } }
                dl .sums { div { dt { (t!("member.number", locale = locale)) } dd .mono { (self.known.member) } } }
                div .row {
                    a .button href={ "/counter?member=" (self.known.member) } { (t!("place.counter", locale = locale)) }
                    a .button .second href={ "/counter/deal?member=" (self.known.member) } { (t!("member.more", locale = locale)) }
                    a .button .second href={ "/counter/return?member=" (self.known.member) } { (t!("return.purchases", locale = locale)) }
                }
            }
        }
    }

    /// The values of which somebody has to choose one.
    fn conflicts(&self) -> Markup {
        let locale = self.guest.language.locale();
        let fields = self.known.profile.fields.iter();
        let open =
            fields.filter(|(field, value)| !value.conflicts.is_empty() && may_see(self.guest, **field));
        html! {
            @for (field, value) in open {
                form .card .settle method="post" action="/office/member" {
                    (self.kept())
                    input type="hidden" name="do" value="settle";
                    input type="hidden" name="field" value=(field.as_str());
                    h2 { (t!("member.settle", locale = locale, field = t!(format!("field.{}", field.as_str()), locale = locale))) }
                    p .soft { (t!("member.settle_what", locale = locale)) }
                    div .row { @for text in value.conflicts.iter().filter_map(PersonalText::as_str) {
                        button .second name="value" value=(text) { (text) } } }
                }
            }
        }
    }

    fn profile(&self) -> Markup {
        let locale = self.guest.language.locale();
        let shown = Field::ALL.iter().copied().filter(|field| may_see(self.guest, *field));
        html! {
            form .card method="post" action="/office/member" {
                h2 { (t!("member.profile", locale = locale)) }
                (self.kept())
                div .fields { @for field in shown { (self.field(field)) } }
                @for tag in &self.known.profile.tags { span .tag { (tag) } }
                @for (plate, _) in &self.known.profile.vehicles { span .tag { (plate) } }
                div .row .end { button name="do" value="save" { (t!("member.save", locale = locale)) } }
            }
        }
    }

    fn field(&self, field: Field) -> Markup {
        let locale = self.guest.language.locale();
        let was = self.known.profile.text(field).unwrap_or_default();
        let name = field.as_str();
        let typed = self.typed.filter(|typed| typed.get("do") == "save" && typed.has(name));
        // What was typed is kept, with what stood there when it was: nobody types it twice.
        let (was, value) = match typed {
            Some(typed) => (shown(typed.get(&format!("was_{name}"))), shown(typed.get(name))),
            None => (was.to_owned(), was.to_owned()),
        };
        let choices: &[&str] = match field {
            Field::Sex => &["f", "m", "other"],
            Field::MedicalInsurance => &["yes", "no"],
            _ => &[],
        };
        html! {
            input type="hidden" name={ "was_" (name) } value=(was);
            label { (t!(format!("field.{name}"), locale = locale))
                @if field == Field::Notes || field == Field::Preferences || field == Field::Ailments {
                    textarea name=(name) rows="2" maxlength="2000" { (value) }
                } @else if choices.is_empty() {
                    input name=(name) value=(value) maxlength="200" autocomplete="off"
                        type=(match field { Field::BirthDate => "date", Field::Phone => "tel", _ => "text" });
                } @else {
                    select name=(name) {
                        option value="" { "—" }
                        @for choice in choices { option value=(choice) selected[*choice == value] {
                            (t!(format!("choice.{choice}"), locale = locale)) } }
                    }
                }
            }
        }
    }

    fn alike(&self) -> Markup {
        let locale = self.guest.language.locale();
        html! {
            @if !self.known.kin.is_empty() {
                section .card {
                    h2 { (t!("member.kin", locale = locale)) }
                    p .soft { (t!("member.kin_what", locale = locale)) }
                    (self.others(&self.known.kin, "split"))
                }
            }
            @if !self.known.alike.is_empty() {
                section .card .settle {
                    h2 { (t!("members.alike", locale = locale)) }
                    p .soft { (t!("members.alike_what", locale = locale)) }
                    (self.others(&self.known.alike, "merge"))
                }
            }
        }
    }

    /// Other members, and what a manager may decide about them.
    fn others(&self, others: &[MemberRow], act: &str) -> Markup {
        let locale = self.guest.language.locale();
        html! {
            (rows(others, self.guest.language))
            @if self.guest.is_manager() {
                @for other in others {
                    form .others method="post" action="/office/member" {
                        (self.kept())
                        label { (t!("store.reason", locale = locale)) input name="reason" required maxlength="160" autocomplete="off"; }
                        // Of two it is the one that was merged into the other that is taken apart.
                        @let is_person = act == "split" && other.member == self.known.account.member;
                        input type="hidden" name="other" value=(if is_person { self.known.member } else { other.member });
                        button .second name="do" value=(act) {
                            (t!(format!("member.{act}"), locale = locale, name = other.name)) }
                    }
                }
            }
        }
    }
}
