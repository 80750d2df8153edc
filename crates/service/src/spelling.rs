//! How ids and the like are spelled, for the contract: what a schema can say of it. A check digit it cannot.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

/// Schemas of values that are read and written by the types of the same names elsewhere.
macro_rules! spelled {
    ($($name:ident: $description:literal, $pattern:literal, $example:literal;)*) => {$(
        #[doc = $description]
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let schema = ObjectBuilder::new().schema_type(Type::String).description(Some($description));
                schema.pattern(Some($pattern)).examples([$example]).build().into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

spelled! {
    MemberId: "A member's id, as it was given out.",
        "^mbr_(?!0{13})[0-9a-fA-F][0-9a-vA-V]{11}[02468acegikmoqsuACEGIKMOQSU]$", "mbr_1u3cd5f00000c";
    SaleId: "A sale's id, as it was given out.",
        "^sale_(?!0{13})[0-9a-fA-F][0-9a-vA-V]{11}[02468acegikmoqsuACEGIKMOQSU]$", "sale_1u3cd5f00000g";
    HoldId: "A hold's id, as it was given out.",
        "^hold_(?!0{13})[0-9a-fA-F][0-9a-vA-V]{11}[02468acegikmoqsuACEGIKMOQSU]$", "hold_1u3cd5f00000e";
    CardNumber: "A card's number: 17 digits, of which the last checks the others; blanks and hyphens are skipped.",
        "^[ -]*([0-9][ -]*){17}$", "66880012013456786";
    ReplicaId: "A replica's id: 32 hexadecimal digits.",
        "^[0-9a-fA-F]{32}$", "0f8a3c5e7b9d1f2a4c6e8091a2b3c4d5";
    RuleId: "The id of something in the programme: a pass, a coupon, a reward, a tier.",
        "^[a-z0-9-]{1,40}$", "member-day";
    Till: "The till: 1 to 16 printable ASCII characters, no blank.",
        "^[!-~]{1,16}$", "1";
    Check: "The till's number of the receipt, unique for the till: 1 to 48 printable ASCII characters, no blank.",
        "^[!-~]{1,48}$", "20260801-0042";
}

#[cfg(test)]
mod tests {
    use purser_types::{CardNumber, HoldId, MemberId, ReplicaId, SaleId};

    use super::*;

    fn example<T: PartialSchema>() -> String {
        let schema = serde_json::to_value(T::schema()).unwrap();
        schema["examples"][0].as_str().unwrap().to_owned()
    }

    #[test]
    fn what_the_patterns_say_is_what_is_taken() {
        let member = example::<super::MemberId>();
        assert!(member.parse::<MemberId>().is_ok() && member.to_uppercase().parse::<MemberId>().is_err());
        assert!(format!("mbr_{}", member[4..].to_uppercase()).parse::<MemberId>().is_ok());
        assert!(example::<super::SaleId>().parse::<SaleId>().is_ok());
        assert!(example::<super::HoldId>().parse::<HoldId>().is_ok());
        assert!(example::<super::ReplicaId>().parse::<ReplicaId>().is_ok());
        // The bits of a first or last letter that no id has, and the id of nobody.
        for wrong in ["mbr_gu3cd5f00000c", "mbr_1u3cd5f00000d", "mbr_1u3cd5f0000wc", "mbr_0000000000000"] {
            assert!(wrong.parse::<MemberId>().is_err(), "{wrong}");
        }
        for card in ["66880012013456786", "6688-0012 0134 56786", " 66880012013456786-"] {
            assert!(card.parse::<CardNumber>().is_ok(), "{card}");
        }
    }
}
