//! A quote in words, for the receipt and for whoever asks at the counter.

use purser_types::Fen;

use crate::{
    discount::NothingOff,
    label::{Label, RuleId},
    pricing::{Outcome, Step},
    programme::Programme,
    quote::Quote,
    ratio::Ratio,
    stored_value::Parts,
    when::NotNow,
};

/// A language of quotes in words, and of receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 中文
    Chinese,
    /// English
    English,
}

impl Quote {
    /// What applied, what did not and why, what is to be paid and by what, and what is earned: a line for
    /// each. `programme` is the one that gave the quote.
    pub fn explain(&self, programme: &Programme, language: Language) -> Vec<String> {
        let mut words = vec![language.amount("合计", "Goods", self.gross)];
        words.extend(self.steps.iter().map(|step| language.step(programme, step)));
        if self.cut.0 > 0 {
            words.push(language.amount("抹零", "Cut to whole coins", Fen(-self.cut.0)));
        }
        words.push(language.amount("应付", "To pay", self.total));
        words.extend(self.payments(language));
        words.extend(self.earning(language));
        words
    }

    fn payments(&self, language: Language) -> Vec<String> {
        let (points, worth) = self.points;
        let Parts { principal, bonus } = self.stored_value;
        let by_points = match language {
            Language::Chinese => format!("积分 {points} 抵 ¥{worth}"),
            Language::English => format!("{points} points pay ¥{worth}"),
        };
        let mut words = Vec::new();
        words.extend((points > 0).then_some(by_points));
        words.extend((principal.0 > 0).then(|| language.amount("储值本金", "Stored value", principal)));
        words.extend((bonus.0 > 0).then(|| language.amount("储值赠金", "Stored bonus", bonus)));
        let is_mixed = self.money != self.total;
        words.extend(is_mixed.then(|| language.amount("现付", "In money", self.money)));
        words
    }

    fn earning(&self, language: Language) -> Option<String> {
        let earned = self.earned;
        if earned.points == 0 && earned.of.0 == 0 {
            return None;
        }
        let (points, of, times) = (earned.points, earned.of, earned.times);
        let until = earned.until.map(|date| date.to_string());
        let is_more = times != Ratio::ONE;
        Some(match language {
            Language::Chinese => {
                let times = if is_more { format!("，{times} 倍") } else { String::new() };
                let until = until.map_or_else(String::new, |date| format!("，{date} 到期"));
                format!("本单积 {points} 分（按 ¥{of}{times}{until}）")
            }
            Language::English => {
                let times = if is_more { format!(", {times} times") } else { String::new() };
                let until = until.map_or_else(String::new, |date| format!(", until {date}"));
                format!("Earns {points} points (of ¥{of}{times}{until})")
            }
        })
    }
}

impl Programme {
    /// What a rule is called, and why nothing came off by it.
    pub fn why_not(&self, rule: &RuleId, outcome: &Outcome, language: Language) -> String {
        format!("{}: {}", language.rule(self, rule), language.why(self, outcome))
    }
}

impl NotNow {
    /// Why, for messages.
    pub fn reason(self) -> &'static str {
        Language::English.not_now(self)
    }
}

impl Outcome {
    /// Why nothing came off, for messages.
    pub(crate) fn reason(&self) -> String {
        match self {
            Outcome::NotNow(why) => Language::English.not_now(*why).to_owned(),
            Outcome::Nothing(why) => Language::English.nothing(why),
            Outcome::StoredValue => "nothing comes off when stored value pays".to_owned(),
            Outcome::PaidBefore => "it was paid before".to_owned(),
            Outcome::Off(_) | Outcome::Beaten(_) => String::new(),
        }
    }
}

impl Language {
    /// Of two wordings, the one in this language.
    pub fn pick<'w>(self, chinese: &'w str, english: &'w str) -> &'w str {
        match self {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    /// What something is called in this language.
    pub fn name(self, label: &Label) -> String {
        match self {
            Language::Chinese => label.zh.to_string(),
            Language::English => label.en.to_string(),
        }
    }

    fn amount(self, chinese: &str, english: &str, amount: Fen) -> String {
        let (sign, amount) = if amount.0 < 0 { ("-", Fen(-amount.0)) } else { ("", amount) };
        format!("{} {sign}¥{amount}", self.pick(chinese, english))
    }

    fn step(self, programme: &Programme, step: &Step) -> String {
        let name = self.rule(programme, &step.rule);
        match &step.outcome {
            Outcome::Off(_) => format!("{name} -¥{}{}", step.outcome.sum(), self.spared(step)),
            outcome => format!("{name}: {}", self.why(programme, outcome)),
        }
    }

    /// The lines from which an applied rule took nothing, by the reason.
    fn spared(self, step: &Step) -> String {
        let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
        for (line, why) in &step.spared {
            let why = match why {
                NothingOff::NoGoods => self.pick("不参加", "not among its goods").to_owned(),
                why => self.nothing(why),
            };
            let line = (line + 1).to_string();
            match reasons.iter_mut().find(|(other, _)| *other == why) {
                Some((_, lines)) => lines.push(line),
                None => reasons.push((why, vec![line])),
            }
        }
        let words = reasons.into_iter().map(|(why, lines)| match self {
            Language::Chinese => format!("第 {} 行：{why}", lines.join("、")),
            Language::English if lines.len() == 1 => format!("line {}: {why}", lines.join(", ")),
            Language::English => format!("lines {}: {why}", lines.join(", ")),
        });
        let words: Vec<String> = words.collect();
        match self {
            _ if words.is_empty() => String::new(),
            Language::Chinese => format!("（{}）", words.join("；")),
            Language::English => format!(" ({})", words.join("; ")),
        }
    }

    /// Why nothing came off.
    fn why(self, programme: &Programme, outcome: &Outcome) -> String {
        match outcome {
            Outcome::Off(_) => String::new(),
            Outcome::NotNow(why) => self.not_now(*why).to_owned(),
            Outcome::Nothing(why) => self.nothing(why),
            Outcome::Beaten(by) => match self {
                Language::Chinese => format!("{}更优惠", self.rule(programme, by)),
                Language::English => format!("{} takes off more", self.rule(programme, by)),
            },
            Outcome::PaidBefore => self.pick("已付款", "it was paid before").to_owned(),
            Outcome::StoredValue => {
                self.pick("储值支付不再优惠", "nothing comes off when stored value pays").to_owned()
            }
        }
    }

    fn rule(self, programme: &Programme, id: &RuleId) -> String {
        let discounts = programme.discounts.iter().map(|rule| (&rule.id, &rule.name));
        let coupons = programme.coupons.iter().map(|rule| (&rule.id, &rule.name));
        let passes = programme.passes.iter().map(|rule| (&rule.id, &rule.name));
        let found = discounts.chain(coupons).chain(passes).find(|(of, _)| *of == id);
        found.map_or_else(|| id.to_string(), |(_, name)| self.name(name))
    }

    fn not_now(self, why: NotNow) -> &'static str {
        let (chinese, english) = match why {
            NotNow::Date => ("今日不适用", "not today, or not at this hour"),
            NotNow::Store => ("本店不适用", "not at this store"),
            NotNow::Tier => ("不适用于该等级", "not for this tier"),
            NotNow::Birthday => ("仅限生日", "around the birthday only"),
            NotNow::FirstOrder => ("仅限首单", "for the first order only"),
        };
        match self {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    fn nothing(self, why: &NothingOff) -> String {
        match (self, why) {
            (Language::Chinese, NothingOff::NoGoods) => "无适用商品".to_owned(),
            (Language::English, NothingOff::NoGoods) => "none of its goods".to_owned(),
            (Language::Chinese, NothingOff::BelowFloor) => "已低于最低折扣".to_owned(),
            (Language::English, NothingOff::BelowFloor) => "the goods are below the floor already".to_owned(),
            (Language::Chinese, NothingOff::NotFull(missing)) => format!("还差 ¥{missing}"),
            (Language::English, NothingOff::NotFull(missing)) => format!("¥{missing} short of it"),
            (Language::Chinese, NothingOff::TooFew(missing)) => format!("还差 {missing} 件"),
            (Language::English, NothingOff::TooFew(missing)) => format!("{missing} pieces short of it"),
            (Language::Chinese, NothingOff::AsCheap) => "已是更低价".to_owned(),
            (Language::English, NothingOff::AsCheap) => "it is as cheap already".to_owned(),
        }
    }
}
