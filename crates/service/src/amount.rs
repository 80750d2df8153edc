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
        Ok(Amount(fen))
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Money in yuan: a decimal with at most two places, not below zero."))
            .pattern(Some("^[0-9]{1,11}(\\.[0-9]{1,2})?$"))
            .examples(["12.50"]);
        schema.build().into()
    }
}

impl ToSchema for Amount {}
