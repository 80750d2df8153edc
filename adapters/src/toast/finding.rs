//! Searching members, and what one of them could redeem on a check.

use serde_json::json;

use crate::{
    money::Money,
    purser::{Balances, Card, Member, Members, PurserError, Quote},
};

use super::{
    Toast,
    reply::{Account, CheckResponse, Offer, Refusal, Reply, Status},
    request::{CheckInformation, Redemption, SearchCriteria},
};

/// A till shows no more.
const FOUND_MAX: &str = "20";

impl Toast {
    /// `LOYALTY_SEARCH`
    pub(super) async fn search(&self, criteria: &SearchCriteria) -> Result<Reply, Refusal> {
        let (by, wanted) = looked_for(criteria)?;
        let found: Members = self.purser.get("/members", &[(by, &wanted), ("limit", FOUND_MAX)]).await?;
        let accounts: Vec<Account> =
            found.members.into_iter().map(|it| account(it.member, it.name, it.phone)).collect();
        if accounts.is_empty() {
            return Err(Refusal::no_account());
        }
        Ok(Reply::found(accounts))
    }

    /// `LOYALTY_INQUIRE`
    pub(super) async fn inquire(&self, asked: &CheckInformation) -> Result<Reply, Refusal> {
        let member = self.member(&asked.loyalty_identifier).await?;
        let balances: Balances =
            self.purser.get(&format!("/members/{}/balances", member.member), &[]).await?;
        let gross = gross(asked);
        let mut offers = Vec::new();
        for points in &self.settings.offers {
            let quote = self.quote(&member.member, gross, *points).await;
            offers.push(offer(*points, quote)?);
        }
        let mut response = match self.priced(&member.member, asked).await? {
            Ok(_) => CheckResponse { redemptions: asked.redemptions.clone(), ..CheckResponse::default() },
            Err(why) => CheckResponse::rejecting(&asked.redemptions, &why),
        };
        let text = match self.quote(&member.member, gross, 0).await {
            Ok(quote) => format!("You will earn {} points with this check.", quote.points_earned),
            Err(PurserError::Refused(problem)) => problem.detail,
            Err(error) => return Err(error.into()),
        };
        let (name, phone) = (member.profile.name, member.profile.phone);
        let mut account = account(member.member, name.unwrap_or_default(), phone.unwrap_or_default());
        account.points_balance = Some(balances.points.balance.to_string());
        (response.account_info, response.offers) = (Some(account), offers);
        let held_back = balances.points.balance - balances.points.spendable_here;
        let elsewhere = format!(" {held_back} of the points are at other stores just now.");
        Ok(Reply::of_check(response.saying(&(text + if held_back > 0 { &elsewhere } else { "" }))))
    }

    /// The member of an identifier: their id, or the number of a card that was swiped.
    pub(super) async fn member(&self, identifier: &str) -> Result<Member, Refusal> {
        let plain = identifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !plain || identifier.is_empty() {
            return Err(Refusal::no_account());
        }
        if identifier.starts_with("mbr_") {
            return Ok(self.purser.get(&format!("/members/{identifier}"), &[]).await?);
        }
        let card: Card = self.purser.get(&format!("/cards/{identifier}"), &[]).await?;
        Ok(self.purser.get(&format!("/members/{}", card.member), &[]).await?)
    }

    /// The points of the redemptions of a check, if Purser takes just as much off for them as the till has; else why
    /// they are rejected.
    pub(super) async fn priced(
        &self,
        member: &str,
        asked: &CheckInformation,
    ) -> Result<Result<i64, String>, Refusal> {
        let Some(points) = self.points(&asked.redemptions) else {
            return Ok(Err("there is no such offer".to_owned()));
        };
        if points == 0 {
            return Ok(Ok(0));
        }
        match self.quote(member, gross(asked), points).await {
            Ok(quote) if quote.discount == taken_off(&asked.redemptions).to_string() => Ok(Ok(points)),
            Ok(quote) => Ok(Err(format!("{points} points take {} off now: apply it anew", quote.discount))),
            Err(PurserError::Refused(problem)) => Ok(Err(problem.detail)),
            Err(error) => Err(error.into()),
        }
    }

    async fn quote(&self, member: &str, gross: Money, points: i64) -> Result<Quote, PurserError> {
        let basket = json!({"member": member, "gross": gross.to_string(), "redeem_points": points});
        self.purser.ask("/quote", &basket).await
    }

    /// What these offers take together; nothing if one is not among ours.
    fn points(&self, redemptions: &[Redemption]) -> Option<i64> {
        let of_one = |redemption: &Redemption| {
            let points = redemption.identifier.strip_prefix(OFFER)?.parse().ok()?;
            self.settings.offers.contains(&points).then_some(points)
        };
        redemptions.iter().map(of_one).sum()
    }
}

/// What the goods cost before points took anything off.
pub(super) fn gross(asked: &CheckInformation) -> Money {
    let Money(amount) = asked.check.amount;
    let Money(off) = taken_off(&asked.redemptions);
    Money(purser_types::Fen(amount.0.saturating_add(off.0)))
}

fn taken_off(redemptions: &[Redemption]) -> Money {
    let fen = redemptions.iter().filter_map(|it| it.amount).map(|Money(fen)| fen.0);
    Money(purser_types::Fen(fen.fold(0, i64::saturating_add)))
}

/// How offers are named.
const OFFER: &str = "points-";

fn offer(points: i64, quote: Result<Quote, PurserError>) -> Result<Offer, Refusal> {
    let amount = match quote {
        Ok(quote) => quote.discount.parse().ok().map(Money),
        Err(PurserError::Refused(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let (identifier, name) = (format!("{OFFER}{points}"), format!("{points} points"));
    Ok(Offer { identifier, name, applicable: amount.is_some(), selection_type: "CHECK", amount })
}

fn account(identifier: String, name: String, phone: String) -> Account {
    // Names are not split: nobody knows where, and in Chinese the family name comes first.
    Account { identifier, first_name: String::new(), last_name: name, phone, points_balance: None }
}

/// By what Purser is asked, and for what.
fn looked_for(criteria: &SearchCriteria) -> Result<(&'static str, String), Refusal> {
    let said = |text: &Option<String>| text.clone().filter(|it| !it.trim().is_empty());
    if let Some(phone) = said(&criteria.phone) {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let by = if digits.len() == 4 { "phone_end" } else { "phone" };
        return Ok((by, digits));
    }
    let names = [said(&criteria.first_name), said(&criteria.last_name)];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        let why = "members are found by phone or name";
        return Err(Refusal::because(Status::ErrorInvalidInputProperties, why));
    }
    Ok(("name", name))
}
