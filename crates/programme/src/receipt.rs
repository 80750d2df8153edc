use purser_types::{BusinessDate, Fen, StoreNumber};

use crate::{
    apportion::total,
    explanation::Language,
    label::Label,
    sheet::{Paper, Sheet},
    stored_value::Parts,
};

/// What a receipt says. Amounts and points are not below zero: the kind says which way they go. Texts come from
/// the till as they are; nothing in them reaches the printer but what can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The name of the shop.
    pub shop: String,
    /// The store.
    pub store: StoreNumber,
    /// The till.
    pub till: String,
    /// The till's number of this receipt.
    pub check: String,
    /// The day in the city's time zone.
    pub date: BusinessDate,
    /// Hour and minute there.
    pub time: (u32, u32),
    /// What has happened.
    pub kind: ReceiptKind,
    /// What was sold (a pass too), is returned, or is given for points; nothing for a top-up.
    pub lines: Vec<ReceiptLine>,
    /// What discounts, passes and coupons have taken off, by name. The lines before any discount, less all of
    /// these and the cut, come to the total: for a return too, so here stand their parts in what is returned.
    pub taken_off: Vec<(Label, Fen)>,
    /// What was cut to come to whole coins.
    pub cut: Fen,
    /// What was to be paid, or given back. Points, stored value and money add up to it.
    pub total: Fen,
    /// Points that paid or are given back, and for how much: for nothing, when they were redeemed for a reward.
    pub points: (i64, Fen),
    /// Stored value that paid or is given back; for what a top-up brings see [`ReceiptKind::TopUp`].
    pub stored_value: Parts,
    /// Money that paid or is given back.
    pub money: Fen,
    /// The member, if there is a card.
    pub account: Option<Account>,
    /// What else is to be said, such as the lines of [`crate::Quote::explain`] that say why something did not
    /// apply; in the language of the receipt.
    pub explanation: Vec<String>,
    /// Whether it has a line for the customer's signature: the shop's copy, when stored value has paid.
    pub signature: bool,
}

/// What a receipt is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptKind {
    /// Goods or services, paid by whatever, uses of passes included.
    Sale,
    /// Goods that came back.
    Return {
        /// The till's number of the receipt of the sale.
        sold_by: String,
    },
    /// A top-up of stored value that brings so much; what was paid for it is the total.
    TopUp(Parts),
    /// Stored value given back: so much left the card; the money for it is the total.
    TopUpBack(Parts),
    /// A pass.
    PassSold,
    /// Something for points.
    Reward,
}

/// One line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptLine {
    /// What the till calls it: its name, or the number of the article.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// What one costs before any discount.
    pub unit_price: Fen,
    /// All of them before any discount.
    pub gross: Fen,
    /// After all discounts and the cut: what comes back when they are returned.
    pub price: Fen,
    /// Whether it is marked as earning no points.
    pub earns_no_points: bool,
}

/// A member's card, what this receipt brought, and what there is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The card number as it may be printed: who calls masks it, as in `6688 **** 3456`.
    pub card: String,
    /// The tier.
    pub tier: Option<Label>,
    /// Points earned by the sale, or taken back by the return.
    pub earned: i64,
    /// Their last day.
    pub earned_until: Option<BusinessDate>,
    /// Points held after it; `None` where the scheme has none.
    pub points: Option<i64>,
    /// The next last day of some of them, and of how many.
    pub points_until: Option<(BusinessDate, i64)>,
    /// Stored value held after it; `None` where the scheme has none.
    pub stored_value: Option<Parts>,
    /// Passes, with the uses that are left.
    pub passes: Vec<Held>,
    /// Coupons.
    pub coupons: Vec<Held>,
}

/// What somebody holds of a kind of pass or coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it is called.
    pub name: Label,
    /// Uses, or coupons.
    pub count: i64,
    /// The last day.
    pub until: Option<BusinessDate>,
}

impl Receipt {
    /// The receipt as lines for a printer, each with its end: none is wider than the paper, none ends in blanks,
    /// no name is cut, and there are no control characters but the ends of lines.
    pub fn text(&self, paper: Paper, language: Language) -> String {
        let mut sheet = Sheet::of(paper);
        self.head(&mut sheet, language);
        sheet.rule();
        self.goods(&mut sheet, language);
        sheet.rule();
        self.price(&mut sheet, language);
        self.payment(&mut sheet, language);
        sheet.rule();
        self.holdings(&mut sheet, language);
        sheet.rule();
        self.notes(&mut sheet, language);
        if self.signature {
            sheet.rule();
            sheet.text(0, language.pick("本人确认以上交易", "I agree to the above"));
            sheet.line_for(language.pick("顾客签名", "Signature"));
        }
        sheet.written()
    }

    fn head(&self, sheet: &mut Sheet, language: Language) {
        let Self { store, till, check, date, time: (hour, minute), .. } = self;
        sheet.centred(&self.shop);
        sheet.centred(self.title(language));
        sheet.rule();
        let [store_word, till_word] = [language.pick("门店", "Store"), language.pick("收银台", "Till")];
        sheet.row(0, &format!("{store_word} {store}"), &format!("{till_word} {till}"));
        let check_word = language.pick("单号", "No.");
        sheet.row(0, &format!("{check_word} {check}"), &format!("{date} {hour:02}:{minute:02}"));
        if let ReceiptKind::Return { sold_by } = &self.kind {
            sheet.text(0, &format!("{} {sold_by}", language.pick("原单号", "Sale no.")));
        }
        if let Some(account) = &self.account {
            let tier = account.tier.as_ref().map_or_else(String::new, |tier| language.name(tier));
            sheet.row(0, &format!("{} {}", language.pick("会员", "Member"), account.card), &tier);
        }
    }

    fn title(&self, language: Language) -> &'static str {
        match self.kind {
            ReceiptKind::Sale => language.pick("消费小票", "Receipt"),
            ReceiptKind::Return { .. } => language.pick("退货小票", "Return"),
            ReceiptKind::TopUp(_) => language.pick("充值小票", "Top-up"),
            ReceiptKind::TopUpBack(_) => language.pick("储值退款小票", "Stored value given back"),
            ReceiptKind::PassSold => language.pick("购卡小票", "Pass bought"),
            ReceiptKind::Reward => language.pick("积分兑换小票", "Reward"),
        }
    }

    fn goods(&self, sheet: &mut Sheet, language: Language) {
        match self.kind {
            ReceiptKind::TopUp(parts) => {
                both_parts(sheet, language.pick("充值到账", "Topped up"), parts, language);
            }
            ReceiptKind::TopUpBack(parts) => {
                both_parts(sheet, language.pick("储值扣除", "Off the card"), parts, language);
            }
            _ => {}
        }
        for line in &self.lines {
            // In front of the name, which no line break parts from it.
            let mark = if line.earns_no_points { "*" } else { "" };
            let name = format!("{mark}{}", line.name);
            if matches!(self.kind, ReceiptKind::Reward) && line.gross.0 == 0 {
                sheet.row(0, &name, &format!("x {}", line.quantity));
                continue;
            }
            sheet.text(0, &name);
            sheet.row(INDENT, &format!("{} x {}", line.quantity, line.unit_price), &line.gross.to_string());
            if line.price != line.gross {
                sheet.text(INDENT, &format!("{} {}", language.pick("折后", "now"), line.price));
            }
        }
    }

    fn price(&self, sheet: &mut Sheet, language: Language) {
        if self.is_for_points_alone() {
            return;
        }
        if !self.lines.is_empty() {
            let pieces: u64 = self.lines.iter().map(|line| u64::from(line.quantity)).sum();
            let goods = match language {
                Language::Chinese => format!("小计（{pieces} 件）"),
                Language::English if pieces == 1 => "Goods (1 piece)".to_owned(),
                Language::English => format!("Goods ({pieces} pieces)"),
            };
            sheet.row(0, &goods, &total(self.lines.iter().map(|line| line.gross)).to_string());
        }
        for (name, off) in &self.taken_off {
            sheet.row(0, &language.name(name), &negative(*off).to_string());
        }
        amount_unless_zero(sheet, language.pick("抹零", "Cut to whole coins"), negative(self.cut));
        let total = match self.kind {
            ReceiptKind::Return { .. } | ReceiptKind::TopUpBack(_) => language.pick("应退", "To give back"),
            _ => language.pick("应付", "To pay"),
        };
        sheet.row(0, total, &self.total.to_string());
    }

    /// Points for which goods were given, without money changing hands.
    fn is_for_points_alone(&self) -> bool {
        matches!(self.kind, ReceiptKind::Reward) && self.total.0 == 0
    }

    fn payment(&self, sheet: &mut Sheet, language: Language) {
        let (points, worth) = self.points;
        let [by_points, by_stored_value, in_money] = self.tenders(language);
        if worth.0 != 0 {
            let of = match language {
                Language::Chinese => format!("（{points} 分）"),
                Language::English => format!(" ({points})"),
            };
            sheet.row(0, &format!("{by_points}{of}"), &worth.to_string());
        } else if points != 0 {
            sheet.row(0, by_points, &points.to_string());
        }
        if self.stored_value != Parts::default() {
            both_parts(sheet, by_stored_value, self.stored_value, language);
        }
        amount_unless_zero(sheet, in_money, self.money);
    }

    /// What points, stored value and money are called where they pay, or come back.
    fn tenders(&self, language: Language) -> [&'static str; 3] {
        let points = match self.kind {
            ReceiptKind::Return { .. } => language.pick("退回积分", "Points back"),
            ReceiptKind::Reward => language.pick("使用积分", "Points spent"),
            _ => language.pick("积分抵扣", "By points"),
        };
        let [stored_value, money] = match self.kind {
            ReceiptKind::Return { .. } | ReceiptKind::TopUpBack(_) => {
                [language.pick("退回储值", "Stored value back"), language.pick("退款", "Money back")]
            }
            _ => [language.pick("储值支付", "By stored value"), language.pick("实付", "In money")],
        };
        [points, stored_value, money]
    }

    fn holdings(&self, sheet: &mut Sheet, language: Language) {
        let Some(account) = &self.account else { return };
        if account.earned != 0 {
            let earned = match self.kind {
                ReceiptKind::Return { .. } => language.pick("扣回积分", "Points taken back"),
                _ => language.pick("本单积分", "Points earned"),
            };
            sheet.row(0, earned, &account.earned.to_string());
            last_day(sheet, INDENT, account.earned_until, language);
        }
        account.points_held(sheet, language);
        if let Some(parts) = account.stored_value {
            both_parts(sheet, language.pick("储值余额", "Stored value now"), parts, language);
        }
        held(sheet, &account.passes, language.pick("次卡", "Passes"), language, |count| match language {
            Language::Chinese => format!("剩余 {count} 次"),
            Language::English => format!("{count} left"),
        });
        held(sheet, &account.coupons, language.pick("优惠券", "Coupons"), language, |count| match language
        {
            Language::Chinese => format!("{count} 张"),
            Language::English => count.to_string(),
        });
    }

    fn notes(&self, sheet: &mut Sheet, language: Language) {
        if self.lines.iter().any(|line| line.earns_no_points) {
            sheet.text(0, language.pick("* 不积分", "* earns no points"));
        }
        for words in &self.explanation {
            sheet.text(0, words);
        }
    }
}

impl Account {
    fn points_held(&self, sheet: &mut Sheet, language: Language) {
        let Some(points) = self.points else { return };
        sheet.row(0, language.pick("积分余额", "Points now"), &points.to_string());
        if let Some((date, some)) = self.points_until {
            let words = match language {
                Language::Chinese => format!("其中 {some} 分 {date} 到期"),
                Language::English => format!("{some} of them until {date}"),
            };
            sheet.text(INDENT, &words);
        }
    }
}

fn both_parts(sheet: &mut Sheet, what: &str, parts: Parts, language: Language) {
    sheet.row(0, what, &parts.sum().to_string());
    sheet.row(INDENT, language.pick("本金", "Paid in"), &parts.principal.to_string());
    sheet.row(INDENT, language.pick("赠金", "Bonus"), &parts.bonus.to_string());
}

fn held(sheet: &mut Sheet, of: &[Held], heading: &str, language: Language, counted: impl Fn(i64) -> String) {
    if of.is_empty() {
        return;
    }
    sheet.text(0, heading);
    for Held { name, count, until } in of {
        sheet.row(INDENT, &language.name(name), &counted(*count));
        last_day(sheet, 2 * INDENT, *until, language);
    }
}

fn last_day(sheet: &mut Sheet, indent: usize, date: Option<BusinessDate>, language: Language) {
    if let Some(date) = date {
        sheet.text(indent, &format!("{} {date}", language.pick("有效期至", "until")));
    }
}

fn amount_unless_zero(sheet: &mut Sheet, what: &str, amount: Fen) {
    if amount.0 != 0 {
        sheet.row(0, what, &amount.to_string());
    }
}

fn negative(amount: Fen) -> Fen {
    Fen(amount.0.saturating_neg())
}

const INDENT: usize = 2;
