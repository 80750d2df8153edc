use purser_documents::{Field, Profile};
use purser_ledger::{AMOUNT_MAX, Asset, Lot};
use purser_programme::{Programme, Referral};
use purser_storage::StorageError;
use purser_types::{BusinessDate, CardNumber, Fen, MemberId};

use crate::{
    Refusal, View,
    pricing::{Customer, Register},
    state::State,
};

/// What of a person's profiles a programme asks about: who was registered twice has two.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Person {
    /// Month and day of birth.
    pub(crate) birthday: Option<(u32, u32)>,
    /// Who has brought the member.
    pub(crate) referrer: Option<MemberId>,
    /// When the member joined first.
    pub(crate) joined: Option<BusinessDate>,
}

impl Person {
    /// Adds what one more profile says; who has brought the member is left out.
    fn add(&mut self, profile: &Profile) {
        let born = profile.text(Field::BirthDate).and_then(|text| text.parse::<BusinessDate>().ok());
        self.birthday = self.birthday.or(born.map(|date| (date.month(), date.day())));
    }
}

impl View {
    /// What a programme asks of a person's profiles to price; nothing is read if it asks nothing.
    pub(crate) fn person_of(&mut self, member: MemberId, programme: &Programme) -> Result<Person, Refusal> {
        let mut person = Person::default();
        if programme.asks_birthday() {
            for member in self.kin(member)? {
                person.add(&self.profile(member)?);
            }
        }
        Ok(person)
    }
}

impl State {
    /// What a programme asks of a person's profiles; nothing is read if it asks nothing.
    pub(crate) fn person(&mut self, member: MemberId, programme: &Programme) -> Result<Person, StorageError> {
        let mut person = Person::default();
        if !programme.asks_birthday() && programme.referral.is_none() {
            return Ok(person);
        }
        let kin = self.database.kin(member)?;
        for member in &kin {
            // A merge may come ahead of whom it names.
            if !self.database.has_member(*member)? {
                continue;
            }
            let document = self.document(*member)?;
            let profile = document.profile();
            self.remember(*member, document);
            person.add(&profile);
            if programme.referral.is_some() {
                let referrer = match profile.text(Field::Referrer) {
                    Some(text) => self.named_member(text)?,
                    None => None,
                };
                // Nobody brings themselves.
                person.referrer = person.referrer.or(referrer.filter(|referrer| !kin.contains(referrer)));
                person.joined = [person.joined, self.joined(*member)?].into_iter().flatten().min();
            }
        }
        Ok(person)
    }

    /// Whom a text names: by the member's id, or by a card.
    fn named_member(&self, text: &str) -> Result<Option<MemberId>, StorageError> {
        let member = match (text.trim().parse::<MemberId>(), text.trim().parse::<CardNumber>()) {
            (Ok(member), _) => Some(member),
            (_, Ok(card)) => self.database.card(card)?.map(|row| row.member),
            _ => None,
        };
        match member {
            Some(member) if self.database.has_member(member)? => Ok(Some(member)),
            _ => Ok(None),
        }
    }

    /// The day on which a member was registered, if the entry that did is here.
    fn joined(&self, member: MemberId) -> Result<Option<BusinessDate>, StorageError> {
        let author = member.tag().and_then(|tag| self.authors.tagged(tag));
        let Some(number) = author.and_then(|author| self.authors.get(author)).map(|author| author.number)
        else {
            return Ok(None);
        };
        Ok(self.entry(number, member.seq())?.map(|entry| self.date_at(entry.hlc.wall_ms)))
    }
}

/// What whoever has brought a buyer gets for a purchase, and the lot that it goes to.
pub(crate) fn referred(
    referral: &Referral,
    paid: Fen,
    register: &Register<'_>,
    customer: &Customer,
) -> Option<(Lot, i64)> {
    let Person { referrer, joined, .. } = customer.person;
    let (referrer, joined) = referrer.zip(joined)?;
    let is_first = customer.past.orders() == 0;
    // What is given away brings nobody anything.
    let points = if paid.0 > 0 { referral.points(paid, is_first, joined, register.date) } else { 0 };
    let points = points.min(AMOUNT_MAX);
    let expires_on = register.programme.expiry.last_day(register.date);
    Some((Lot { member: referrer, asset: Asset::Points, expires_on }, points))
}
