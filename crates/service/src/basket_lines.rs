use purser_programme::{Line, RuleId};
use purser_replica::{BasketLine, Tenders};
use purser_types::{Fen, steers_display};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{amount::Amount, problem::Problem, text::Text};

/// One line of a basket: so many pieces of one article.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineRequest {
    /// The shop's own number of the article.
    #[serde(default)]
    #[schema(max_length = 64, example = "6901234567892")]
    article: String,
    /// What it is called on the receipt.
    #[serde(default)]
    #[schema(max_length = 120, example = "龙井茶 50g")]
    name: String,
    /// Its category, one of the programme's.
    #[serde(default)]
    #[schema(max_length = 64, example = "")]
    category: String,
    /// What else is said of it, in words of the programme.
    #[serde(default)]
    #[schema(max_items = 20)]
    flags: Vec<String>,
    /// How many pieces.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    quantity: u32,
    /// What one costs before any discount.
    unit_price: Amount,
}

/// What pays beside points and money.
#[derive(Default)]
pub(crate) struct TendersRequest {
    pub(crate) stored_value: Option<Amount>,
    pub(crate) voucher: Option<Amount>,
    pub(crate) passes: Option<Vec<Text<RuleId>>>,
    pub(crate) coupons: Option<Vec<Text<RuleId>>>,
}

fn one() -> u32 {
    1
}

const ARTICLE_BYTES_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 120;
const FLAGS_MAX: usize = 20;
const QUANTITY_MAX: u32 = 1_000_000;

/// The goods of a body with the two fields `gross` and `lines`: their value, and the lines if they were told.
pub(crate) fn goods(
    gross: Option<Amount>,
    lines: Option<Vec<LineRequest>>,
) -> Result<(Fen, Vec<BasketLine>), Problem> {
    let lines = lines.unwrap_or_default();
    let lines = lines.into_iter().enumerate().map(|(place, line)| line.read(place));
    let lines: Vec<BasketLine> = lines.collect::<Result<_, _>>()?;
    let sum = lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.line.gross().0));
    match gross {
        _ if !lines.is_empty() && gross.is_none_or(|Amount(gross)| gross == Fen(sum)) => {
            Ok((Fen(sum), lines))
        }
        Some(_) if !lines.is_empty() => Err(Problem::field(
            "gross",
            format!("the lines come to {}: leave it out, or give that", Fen(sum)),
        )),
        Some(Amount(gross)) => Ok((gross, lines)),
        None => Err(Problem::field("gross", "say what is bought: give `lines`, or `gross` alone")),
    }
}

impl LineRequest {
    fn read(self, place: usize) -> Result<BasketLine, Problem> {
        let Self { article, name, category, flags, quantity, unit_price: Amount(unit_price) } = self;
        let field = |name: &str| format!("lines[{place}].{name}");
        let is_line = |text: &str, most: usize| text.len() <= most && !text.contains(steers_display);
        if !is_line(&article, ARTICLE_BYTES_MAX) || !is_line(&category, ARTICLE_BYTES_MAX) {
            return Err(Problem::field(field("article"), "at most 64 bytes on one line"));
        }
        if !is_line(&name, NAME_BYTES_MAX) {
            return Err(Problem::field(field("name"), "at most 120 bytes on one line"));
        }
        if flags.len() > FLAGS_MAX || !flags.iter().all(|flag| is_line(flag, ARTICLE_BYTES_MAX)) {
            return Err(Problem::field(field("flags"), "at most 20, each of at most 64 bytes"));
        }
        if quantity > QUANTITY_MAX {
            return Err(Problem::field(field("quantity"), format!("at most {QUANTITY_MAX} pieces")));
        }
        let flags = flags.into_iter().collect();
        Ok(BasketLine { name, line: Line { article, category, flags, quantity, unit_price } })
    }
}

impl TendersRequest {
    pub(crate) fn read(self) -> Tenders {
        let ids = |ids: Option<Vec<Text<RuleId>>>| ids.into_iter().flatten().map(|Text(id)| id).collect();
        Tenders {
            stored_value: self.stored_value.map(|Amount(most)| most),
            voucher: self.voucher.map(|Amount(paid)| paid),
            passes: ids(self.passes),
            coupons: ids(self.coupons),
        }
    }
}
