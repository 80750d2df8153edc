use purser_documents::{CardState, Edit};
use purser_journal::{Fact, Gift, GrantFact};
use purser_ledger::{Asset, Lot, Posting};
use purser_programme::Activity;
use purser_types::{CardIssuer, CardNumber, MemberId};

use crate::{Refusal, Transaction, draft::Draft};

impl Transaction<'_> {
    pub(crate) fn plan_registration(&mut self, edits: &[Edit], with_card: bool) -> Result<Draft, Refusal> {
        let member = MemberId::created_by(self.next_entry());
        let mut draft = self.plan_profile(member, edits.to_vec(), with_card)?;
        draft.facts.extend(self.on_joining(member));
        Ok(draft)
    }

    /// What joining brings by itself.
    fn on_joining(&self, member: MemberId) -> Vec<Fact> {
        let register = self.register(self.today());
        let (date, programme) = (register.date, &register.programme);
        let occasion = register.occasion(None);
        let brings = |rule: &&Activity| rule.on_joining && rule.when.fits(&occasion).is_ok();
        let lot = Lot { member, asset: Asset::Points, expires_on: programme.expiry.last_day(date) };
        let gifts = programme.activities.iter().filter(brings).flat_map(|rule| {
            let gift = Gift::Activity { activity: rule.id.to_string(), points: rule.points };
            let [reason, by] = ["joined", "programme"].map(str::to_owned);
            let credit = Posting::Credit { lot, amount: rule.points };
            [Fact::Grant(GrantFact { member, date, gift, reason, by }), Fact::Postings(vec![credit])]
        });
        gifts.collect()
    }

    pub(crate) fn plan_edit(&mut self, member: MemberId, edits: &[Edit]) -> Result<Draft, Refusal> {
        self.replica.state.require_member(member)?;
        self.plan_profile(member, edits.to_vec(), false)
    }

    pub(crate) fn plan_card(&mut self, member: MemberId) -> Result<Draft, Refusal> {
        self.replica.state.require_member(member)?;
        self.plan_profile(member, Vec::new(), true)
    }

    pub(crate) fn plan_card_state(&mut self, card: CardNumber, state: CardState) -> Result<Draft, Refusal> {
        let row = self.replica.state.database.card(card)?.ok_or(Refusal::UnknownCard(card))?;
        // No state yet: the profile that names it is on its way.
        let now: Option<CardState> = row.state.parse().ok();
        if let Some(now) = now.filter(|now| now.is_final() && *now != state) {
            return Err(Refusal::CardVoid { card, state: now });
        }
        let programme = self.replica.state.programmes.on(self.today());
        if state == CardState::Lost && programme.stored_value.as_ref().is_some_and(|it| it.no_loss_reporting)
        {
            return Err(Refusal::NoLossReporting);
        }
        self.plan_profile(row.member, vec![Edit::SetCard { card, state }], false)
    }

    /// One profile change, with a new card if wanted.
    fn plan_profile(
        &mut self,
        member: MemberId,
        mut edits: Vec<Edit>,
        with_card: bool,
    ) -> Result<Draft, Refusal> {
        let card = if with_card { Some(self.next_card()?) } else { None };
        edits.extend(card.map(|card| Edit::SetCard { card, state: CardState::Active }));
        let (me, wall_ms) = (self.replica.id(), self.now.wall_ms);
        let state = &mut self.replica.state;
        let mut document = state.document(member)?;
        // A refused edit leaves the document as it was; the fold finds it in memory.
        let change = document.edit(me, wall_ms, &edits);
        state.remember(member, document);
        let profile = Fact::Profile { member, change: change?.0 };
        let issued = card.map(|card| Fact::CardIssued { member, card });
        Ok(Draft::of([profile].into_iter().chain(issued)))
    }

    fn next_card(&self) -> Result<CardNumber, Refusal> {
        let state = &self.replica.state;
        let credential = &state.mine().credential;
        let issuer = CardIssuer {
            chain_prefix: state.charter.card_prefix,
            store: credential.store,
            life: credential.life,
        };
        let all = issuer.card(0).zip(issuer.card(CardIssuer::SERIAL_MAX));
        let (first, last) = all.ok_or(Refusal::CardsUsedUp)?;
        let serial = match state.database.greatest_card(first, last)? {
            Some(greatest) => CardIssuer::serial_of(greatest) + 1,
            None => 1,
        };
        issuer.card(serial).ok_or(Refusal::CardsUsedUp)
    }
}
