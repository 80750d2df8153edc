use purser_ledger::AMOUNT_MAX;
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type},
};

/// Points that somebody asks for: a JSON integer, not below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Points(pub(crate) i64);

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let points = i64::deserialize(deserializer)?;
        if !(0..=AMOUNT_MAX).contains(&points) {
            return Err(de::Error::custom(format_args!("{points} is not within 0 to {AMOUNT_MAX}")));
        }
        Ok(Self(points))
    }
}

impl PartialSchema for Points {
    fn schema() -> RefOr<Schema> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .description(Some("A whole number of points, not below zero."))
            .minimum(Some(0))
            .maximum(Some(AMOUNT_MAX))
            .examples([100]);
        schema.build().into()
    }
}

impl ToSchema for Points {}
