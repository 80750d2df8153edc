use purser_types::Fen;
use serde::Deserialize;

use crate::{
    basket::AMOUNT_FEN_MAX,
    label::{Label, RuleId, kind_of},
    stored_value::{Parts, StoredValue},
};

/// A limited issue of cards with stored value: so many of them in the whole city, each of one amount. The right to
/// sell one is escrowed like everything else, so that never more are sold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardIssue {
    /// What it is called in rules and entries.
    pub id: RuleId,
    /// What members call it.
    pub name: Label,
    /// What one costs, all of it paid in.
    pub amount: Fen,
    /// What is given on top of one.
    #[serde(default)]
    pub bonus: Fen,
    /// How many there are. A later version can add some, not take some away.
    pub cards: u32,
}

impl CardIssue {
    /// The number by which the ledger knows the right to sell one, in every version: that of no reward, whatever
    /// its id.
    pub fn kind(&self) -> u32 {
        kind_of(&format!("card issue {}", self.id))
    }

    /// What one brings.
    pub fn parts(&self) -> Parts {
        Parts { principal: self.amount, bonus: self.bonus }
    }

    pub(crate) fn faults(&self, stored_value: Option<&StoredValue>) -> Vec<String> {
        let mut faults = Vec::new();
        if !(1..=AMOUNT_FEN_MAX / 2).contains(&self.amount.0) || !(0..=self.amount.0).contains(&self.bonus.0)
        {
            faults.push("`amount` is above zero, `bonus` at most as much".to_owned());
        }
        if !(1..=1_000_000).contains(&self.cards) {
            faults.push("`cards` is from 1 to 1000000".to_owned());
        }
        match stored_value {
            None => faults.push("it needs a section `[stored_value]`".to_owned()),
            Some(scheme) => {
                let holds = self.parts().sum();
                let most = scheme.most.filter(|most| holds > *most);
                let fault =
                    |most| format!("nobody can have one: it holds ¥{holds}, at most ¥{most} is allowed");
                faults.extend(most.map(fault));
            }
        }
        faults
    }
}
