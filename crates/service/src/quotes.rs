use axum::{Json, extract::State};
use purser_programme::{Basket, Label, Language, Outcome, Programme, Quote, QuotedLine, RuleId, Step};
use purser_replica::{Quoted, Wanted};
use purser_types::{BusinessDate, CardNumber, Fen, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    amount::Amount,
    api::Api,
    basket_lines::{LineRequest, TendersRequest, goods},
    buyer::Buyer,
    change::Question,
    points::Points,
    problem::Problem,
    spelling,
    text::Text,
    token_scope::TokenScope,
};

/// A basket whose price is wanted. Give `lines`, or `gross` alone; `member` or `card` if there is one.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuoteRequest {
    /// The buyer.
    #[schema(value_type = Option<spelling::MemberId>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<Text<MemberId>>,
    /// The card that the buyer showed; it must be active.
    #[schema(value_type = Option<spelling::CardNumber>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<Text<CardNumber>>,
    /// The value of the goods; that of the lines, if they are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    gross: Option<Amount>,
    /// The lines of the basket.
    #[schema(max_items = 500)]
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<LineRequest>>,
    /// Points to redeem.
    #[serde(skip_serializing_if = "Option::is_none")]
    redeem_points: Option<Points>,
    /// Stored value that is to pay: so much, or all that is left to pay if that is less.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_value: Option<Amount>,
    /// What of the money is paid by vouchers of others, such as the mall's: so much, or all of it if that is less.
    #[serde(skip_serializing_if = "Option::is_none")]
    voucher: Option<Amount>,
    /// Uses of these passes, one for each time that one stands here.
    #[schema(value_type = Option<Vec<spelling::RuleId>>, max_items = 50)]
    #[serde(skip_serializing_if = "Option::is_none")]
    passes: Option<Vec<Text<RuleId>>>,
    /// These coupons, one for each time that one stands here.
    #[schema(value_type = Option<Vec<spelling::RuleId>>, max_items = 50)]
    #[serde(skip_serializing_if = "Option::is_none")]
    coupons: Option<Vec<Text<RuleId>>>,
}

/// What a basket costs, and everything that explains it.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuoteAnswer {
    /// The version of the programme that says so; 0 is what is sold by until one is published.
    programme_version: u32,
    /// What the programme is called.
    programme: Name,
    /// The buyer's tier.
    tier: Option<TierName>,
    /// Each line, in the order of the basket.
    lines: Vec<LineAnswer>,
    /// Before any discount.
    gross: Amount,
    /// Every rule, and what came of it.
    steps: Vec<StepAnswer>,
    /// What was cut to come to whole coins.
    cut: Amount,
    /// What is to be paid, by whatever.
    total: Amount,
    /// Points that pay.
    points_redeemed: i64,
    /// What they take off.
    discount: Amount,
    /// Stored value that pays.
    stored_value: StoredParts,
    /// What is left to pay in money.
    paid: Amount,
    /// What of that vouchers of others pay.
    voucher: Amount,
    /// Points that are earned.
    points_earned: i64,
    /// The last day of these points; null if they never expire.
    #[schema(value_type = Option<String>, format = Date, example = "2027-12-31")]
    points_until: Option<Text<BusinessDate>>,
    /// The same in words: what applied, what did not and why, line by line.
    explanation: Explanation,
}

/// What something is called.
#[derive(Serialize, ToSchema)]
pub(crate) struct Name {
    /// In Chinese.
    zh: String,
    /// In English.
    en: String,
}

/// A tier.
#[derive(Serialize, ToSchema)]
pub(crate) struct TierName {
    /// Its id in the programme.
    pub(crate) id: String,
    /// What members call it.
    pub(crate) name: Name,
}

/// One line of a quote.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineAnswer {
    /// Before any discount.
    gross: Amount,
    /// What is to be paid for it.
    price: Amount,
    /// What of that earns points.
    earns: Amount,
    /// What each rule took off it.
    off: Vec<OffLine>,
    /// The rules that took something off other lines, and why not off this one.
    not: Vec<NotOffLine>,
}

/// What one rule took off a line.
#[derive(Serialize, ToSchema)]
pub(crate) struct OffLine {
    /// The rule's id.
    rule: String,
    /// How much it took off.
    off: Amount,
}

/// A rule that took nothing off a line.
#[derive(Serialize, ToSchema)]
pub(crate) struct NotOffLine {
    /// The rule's id.
    rule: String,
    /// Why not: `other_goods`, `below_floor`, `as_cheap`.
    #[schema(example = "other_goods")]
    why: &'static str,
}

/// What came of one rule.
#[derive(Serialize, ToSchema)]
pub(crate) struct StepAnswer {
    /// The rule's id.
    rule: String,
    /// Whether it took anything off.
    applied: bool,
    /// How much it took off.
    off: Amount,
    /// What came of it: `off`, or why nothing did, such as `other_days`, `other_tiers`, `other_goods`, `not_full`.
    #[schema(example = "off")]
    outcome: &'static str,
}

/// Stored value in its two parts.
#[derive(Serialize, ToSchema)]
pub(crate) struct StoredParts {
    /// What was paid in.
    pub(crate) principal: Amount,
    /// What was given on top.
    pub(crate) bonus: Amount,
}

/// A quote in words.
#[derive(Serialize, ToSchema)]
pub(crate) struct Explanation {
    /// In Chinese.
    zh: Vec<String>,
    /// In English.
    en: Vec<String>,
}

/// Says what a basket would cost here and now, by the programme in force, and why. Changes nothing and promises
/// nothing: a checkout prices anew.
#[utoipa::path(
    post, path = "/quote", operation_id = "quote", tag = "sales",
    security(("token" = [TokenScope::Till])),
    request_body = QuoteRequest,
    responses((status = 200, description = "What it costs.", body = QuoteAnswer)),
)]
pub(crate) async fn quote(
    State(api): State<Api>,
    Question(body): Question<QuoteRequest>,
) -> Result<Json<QuoteAnswer>, Problem> {
    let buyer = match (body.member, body.card) {
        (None, None) => None,
        (member, card) => Some(Buyer::of(member, card)?),
    };
    let (gross, lines) = goods(body.gross, body.lines)?;
    let lines = if lines.is_empty() {
        vec![purser_programme::Line { quantity: 1, unit_price: gross, ..Default::default() }]
    } else {
        lines.into_iter().map(|line| line.line).collect()
    };
    let Points(points) = body.redeem_points.unwrap_or(Points(0));
    let stored_value = body.stored_value;
    let tenders =
        TendersRequest { stored_value, voucher: body.voucher, passes: body.passes, coupons: body.coupons };
    let (goods, tenders) = (Basket { lines }, tenders.read());
    let wall_ms = api.handle.now().wall_ms;
    let quoted = api.readers.read(move |reader| {
        let member = buyer.map(|buyer| buyer.now(reader)).transpose()?;
        let wanted = Wanted { goods, member, points, tenders };
        Ok::<_, Problem>(reader.view.quote(&wanted, wall_ms)?)
    });
    Ok(Json(QuoteAnswer::of(&quoted.await?)))
}

impl QuoteAnswer {
    fn of(Quoted { programme, quote, tier }: &Quoted) -> Self {
        let (points_redeemed, worth) = quote.points;
        Self {
            programme_version: programme.version,
            programme: Name::of(&programme.name),
            tier: tier.as_ref().and_then(|tier| TierName::of(programme, tier)),
            lines: (0..quote.lines.len()).map(|place| LineAnswer::of(quote, place)).collect(),
            gross: Amount(quote.gross),
            steps: quote.steps.iter().map(StepAnswer::of).collect(),
            cut: Amount(quote.cut),
            total: Amount(quote.total),
            points_redeemed,
            discount: Amount(worth),
            stored_value: StoredParts::of(quote.stored_value.principal, quote.stored_value.bonus),
            paid: Amount(quote.money),
            voucher: Amount(quote.voucher),
            points_earned: quote.earned.points,
            points_until: quote.earned.until.map(Text),
            explanation: Explanation::of(quote, programme),
        }
    }
}

impl Explanation {
    fn of(quote: &Quote, programme: &Programme) -> Self {
        let [zh, en] =
            [Language::Chinese, Language::English].map(|language| quote.explain(programme, language));
        Self { zh, en }
    }
}

impl Name {
    pub(crate) fn of(label: &Label) -> Self {
        Self { zh: label.zh.to_string(), en: label.en.to_string() }
    }
}

impl TierName {
    pub(crate) fn of(programme: &Programme, id: &RuleId) -> Option<Self> {
        let tier = programme.tiers.iter().find(|tier| tier.id == *id)?;
        Some(Self { id: id.to_string(), name: Name::of(&tier.name) })
    }
}

impl LineAnswer {
    fn of(quote: &Quote, place: usize) -> Self {
        let QuotedLine { gross, price, earns } = quote.lines[place];
        let off = |step: &Step| {
            let off = step.outcome.off(place);
            (off.0 > 0).then(|| OffLine { rule: step.rule.to_string(), off: Amount(off) })
        };
        let not = |step: &Step| {
            let (_, why) = step.spared.iter().find(|(line, _)| *line == place)?;
            Some(NotOffLine { rule: step.rule.to_string(), why: why.name() })
        };
        Self {
            gross: Amount(gross),
            price: Amount(price),
            earns: Amount(earns),
            off: quote.steps.iter().filter_map(off).collect(),
            not: quote.steps.iter().filter_map(not).collect(),
        }
    }
}

impl StepAnswer {
    fn of(step: &Step) -> Self {
        let applied = matches!(step.outcome, Outcome::Off(_));
        let outcome = step.outcome.name();
        Self { rule: step.rule.to_string(), applied, off: Amount(step.outcome.sum()), outcome }
    }
}

impl StoredParts {
    pub(crate) fn of(principal: Fen, bonus: Fen) -> Self {
        Self { principal: Amount(principal), bonus: Amount(bonus) }
    }
}
