//! Who a member is, and what they have.

use purser_types::Fen;
use serde_json::{Value, json};

use crate::purser::{Balances, Card, Member, Members, StoredValue};

use super::{
    Keruyun,
    reply::Refusal,
    request::{MemberQuery, QueryType},
};

impl Keruyun {
    pub(super) async fn member(&self, asked: &MemberQuery) -> Result<Value, Refusal> {
        let member = self.found(asked).await?;
        let id = &member.member;
        let balances: Balances = self.purser.get(&format!("/members/{id}/balances"), &[]).await?;
        let mut assets = Vec::new();
        let wanted = |mapping: &str| asked.asset_mapping_id.as_deref().is_none_or(|it| it == mapping);
        let (points, stored) = (&self.settings.points_mapping, &self.settings.stored_value_mapping);
        if wanted(points) {
            assets.push(json!({
                "assetMappingId": points, "assetId": id, "assetName": "积分", "unit": "POINT",
                "balance": balances.points.balance, "availableBalance": balances.points.spendable_here.max(0),
            }));
        }
        if let Some(value) = balances.stored_value.filter(|_| wanted(stored)) {
            let [principal, bonus, here] = fen_of(&value)?;
            assets.push(json!({
                "assetMappingId": stored, "assetId": id, "assetName": "储值", "unit": "FEN",
                "balance": principal.saturating_add(bonus), "realBalance": principal, "giftBalance": bonus,
                "availableBalance": here,
            }));
        }
        Ok(json!({
            "memberBasic": {
                "memberId": id, "name": member.profile.name.unwrap_or_default(),
                "mobile": member.profile.phone.unwrap_or_default(), "state": 1,
            },
            "balanceAssetList": assets,
            "voucherAssetList": [],
        }))
    }

    async fn found(&self, asked: &MemberQuery) -> Result<Member, Refusal> {
        let value = asked.query_value.as_str();
        if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(Refusal::because("no such member"));
        }
        let id = match asked.query_type {
            QueryType::MemberId => value.to_owned(),
            QueryType::CardNo => self.purser.get::<Card>(&format!("/cards/{value}"), &[]).await?.member,
            QueryType::Mobile => {
                let found: Members = self.purser.get("/members", &[("phone", value), ("limit", "2")]).await?;
                match found.members.as_slice() {
                    [one] => one.member.clone(),
                    [] => return Err(Refusal::because("no such member")),
                    _ => return Err(Refusal::because("several members have this number: ask by card")),
                }
            }
        };
        Ok(self.purser.get(&format!("/members/{id}"), &[]).await?)
    }
}

/// Stored value in fen: what was paid in, what was given on top, what can be spent here.
fn fen_of(value: &StoredValue) -> Result<[i64; 3], Refusal> {
    let mut parts = [0; 3];
    for (part, text) in parts.iter_mut().zip([&value.principal, &value.bonus, &value.spendable_here]) {
        *part = text.parse::<Fen>().map_err(|error| Refusal::because(&error.to_string()))?.0;
    }
    Ok(parts)
}
