use std::fmt;

use purser_types::Fen;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

/// Money in yuan as a decimal string, never below zero. A JSON number would pass through
/// floating point on its way, so it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount(pub(crate) Fen);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Reader)
    }
}

/// As many as the greatest amount of a sale has.
const YUAN_DIGITS_MAX: usize = 11;

struct Reader;

impl de::Visitor<'_> for Reader {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount as a decimal string such as \"12.50\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
        let fen: Fen = text.parse().map_err(E::custom)?;
        if fen < Fen(0) {
            return Err(E::custom(format_args!("amount {text:?} is below zero")));
        }
        let (yuan, _) = text.split_once('.').unwrap_or((text, ""));
        if yuan.len() > YUAN_DIGITS_MAX {
            return Err(E::custom(format_args!("amount {text:?} has more than {YUAN_DIGITS_MAX} digits")));
        }
        Ok(Amount(fen))
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Money in yuan: a decimal with at most two places, not below zero."))
            .pattern(Some(format!("^[0-9]{{1,{YUAN_DIGITS_MAX}}}(\\.[0-9]{{1,2}})?$")))
            .examples(["12.50"]);
        schema.build().into()
    }
}

impl ToSchema for Amount {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_pattern_says_is_what_is_taken() {
        let read = |text: &str| serde_json::from_value::<Amount>(text.into()).ok();
        for (text, fen) in [("0", 0), ("12.5", 1250), ("007.00", 700), ("99999999999.99", 9_999_999_999_999)]
        {
            assert_eq!(read(text), Some(Amount(Fen(fen))), "{text}");
        }
        for text in
            ["", ".5", "5.", "-0", "-1.00", "+1", " 1", "1.001", "1e3", "000000000001.00", "100000000000"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
