use purser_ledger::{Asset, Holding};
use purser_replica::{OpenOffer, Refusal, StoreView, View};
use purser_transport::SubmitError;
use purser_types::{BusinessDate, MemberId};

use crate::{
    desk::{Desk, Fault},
    moment::Moment,
};

/// What a member's page shows.
pub(crate) struct Account {
    /// As strangers may read it.
    pub(crate) name: String,
    pub(crate) balance: i64,
    /// What expires next: points, and the day, if there is one.
    pub(crate) next: Option<(i64, Option<BusinessDate>)>,
    /// The fewest points that are good for anything: they are carried in multiples.
    pub(crate) step: i64,
    /// Where they can be carried.
    pub(crate) stores: Vec<StoreView>,
    pub(crate) codes: Vec<Code>,
}

/// Points on their way to a store.
pub(crate) struct Code {
    /// The store's name.
    pub(crate) store: String,
    pub(crate) points: i64,
    /// Until when a code that is shown now is good.
    pub(crate) until: Moment,
    /// The voucher's text.
    pub(crate) text: String,
}

/// Codes shown at once.
const CODES_SHOWN: usize = 6;

impl Account {
    /// As it is now; codes are good for `voucher_ms` from now on.
    pub(crate) async fn of(desk: &Desk, member: MemberId, voucher_ms: u64) -> Result<Self, Fault> {
        let now_ms = desk.handle.now().wall_ms;
        let until_ms = now_ms.saturating_add(voucher_ms);
        let (mut account, open, until) = desk
            .read(move |reader| {
                let account = Self::read(&mut reader.view, member, now_ms)?;
                let mut open = reader.view.open_offers(member)?;
                open.truncate(CODES_SHOWN);
                Ok::<_, Refusal>((account, open, Moment::of(&reader.view, until_ms)))
            })
            .await?;
        let texts = vouchers(desk, member, &open, until_ms).await?;
        account.codes = open
            .iter()
            .zip(texts)
            .filter_map(|(line, text)| {
                let store = account.stores.iter().find(|store| store.replica == line.to)?.name.clone();
                Some(Code { store, points: line.points, until, text: text? })
            })
            .collect();
        Ok(account)
    }

    fn read(view: &mut View, member: MemberId, now_ms: u64) -> Result<Self, Refusal> {
        let today = view.date_at(now_ms);
        let points = view.balance(member, Asset::Points, today)?;
        let live = |holding: &&Holding| holding.is_live(today) && holding.unheld() > 0;
        let next = points.lots.iter().find(live).map(|lot| (lot.unheld(), lot.until));
        Ok(Self {
            name: view.member(member)?.map_or_else(String::new, |row| masked(&row.name)),
            balance: points.balance,
            next,
            step: view.programme_on(today)?.smallest_reward(),
            stores: view.stores()?,
            codes: Vec::new(),
        })
    }
}

/// What the codes say, as the hub signs it. Read between two turns of the engine: the key is nowhere else.
async fn vouchers(
    desk: &Desk,
    member: MemberId,
    open: &[OpenOffer],
    until_ms: u64,
) -> Result<Vec<Option<String>>, Fault> {
    let offers: Vec<_> = open.iter().map(|line| (line.offer, line.to)).collect();
    let signed = desk.handle.inspect(move |engine| {
        let voucher = |offer| engine.replica().voucher(offer, member, until_ms);
        offers.into_iter().map(voucher).collect::<Result<Vec<_>, _>>()
    });
    let signed = signed.await.map_err(|error: SubmitError| Fault::Unavailable(error.to_string()))?;
    let signed = signed.map_err(Refusal::from)?;
    Ok(signed.into_iter().map(|voucher| voucher.map(|it| it.to_string())).collect())
}

/// A name of which a stranger learns one character.
fn masked(name: &str) -> String {
    name.chars().next().map_or_else(String::new, |first| format!("{first}＊＊"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_name_strangers_learn_one_character() {
        assert_eq!((masked("王小明"), masked("")), ("王＊＊".to_owned(), String::new()));
    }
}
