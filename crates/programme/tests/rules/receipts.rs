//! Receipts of every kind, on both papers and in both languages: receipts.txt holds them fast.

use std::fmt::Write as _;

use proptest::{collection::vec, option, prelude::*, sample::select};
use purser_programme::{
    Account, Held, Label, Language, Paper, Parts, Receipt, ReceiptKind, ReceiptLine, Words,
};
use purser_types::{Fen, StoreNumber, steers_display};
use unicode_width::UnicodeWidthStr;

use crate::basket::day;

const GOLDEN: &str = include_str!("receipts.txt");
const PAPERS: [Paper; 2] = [Paper::Mm58, Paper::Mm80];

fn fen(text: &str) -> Fen {
    text.parse().unwrap()
}

fn parts(principal: &str, bonus: &str) -> Parts {
    Parts { principal: fen(principal), bonus: fen(bonus) }
}

fn label(zh: &str, en: &str) -> Label {
    let words = |text: &str| Words::try_from(text.to_owned()).unwrap();
    Label { zh: words(zh), en: words(en) }
}

fn held(name: (&str, &str), count: i64, until: Option<&str>) -> Held {
    Held { name: label(name.0, name.1), count, until: until.map(day) }
}

/// So many pieces at a price each, for so much after discounts.
fn line(name: &str, quantity: u32, unit_price: &str, price: &str) -> ReceiptLine {
    let unit_price = fen(unit_price);
    let gross = Fen(unit_price.0 * i64::from(quantity));
    ReceiptLine { name: name.into(), quantity, unit_price, gross, price: fen(price), earns_no_points: false }
}

fn account(card: &str, tier: Option<(&str, &str)>) -> Account {
    Account {
        card: card.into(),
        tier: tier.map(|(zh, en)| label(zh, en)),
        earned: 0,
        earned_until: None,
        points: None,
        points_until: None,
        stored_value: None,
        passes: Vec::new(),
        coupons: Vec::new(),
    }
}

fn receipt(shop: &str, store: u32, check: &str, date: &str, lines: Vec<ReceiptLine>) -> Receipt {
    Receipt {
        shop: shop.into(),
        store: StoreNumber(store),
        till: "2".into(),
        check: check.into(),
        date: day(date),
        time: (9, 5),
        kind: ReceiptKind::Sale,
        total: Fen(lines.iter().map(|line| line.price.0).sum()),
        lines,
        taken_off: Vec::new(),
        cut: Fen(0),
        points: (0, Fen(0)),
        stored_value: Parts::default(),
        money: Fen(0),
        account: None,
        explanation: Vec::new(),
        signature: false,
    }
}

fn pharmacy(language: Language) -> Receipt {
    let mut masks = line("一次性医用外科口罩 50只/盒", 1, "9.90", "9.90");
    masks.earns_no_points = true;
    let lines = vec![
        line("感冒灵颗粒 10克×9袋", 2, "15.80", "28.44"),
        line("维生素C咀嚼片（橙味）1000毫克×60片 两瓶装", 1, "68.00", "61.20"),
        masks,
    ];
    let why = match language {
        Language::Chinese => "金卡九折: 不适用于该等级",
        Language::English => "Gold members: not for this tier",
    };
    Receipt {
        taken_off: vec![(label("会员日九折", "Member day"), fen("9.96"))],
        money: fen("99.54"),
        account: Some(Account {
            earned: 89,
            earned_until: Some(day("2026-12-31")),
            points: Some(1_234),
            points_until: Some((day("2026-12-31"), 1_234)),
            ..account("6688 **** 3456", Some(("普通会员", "Ordinary")))
        }),
        explanation: vec![why.into()],
        ..receipt("泉城大药房（泉城路店）", 12, "0117", "2026-03-09", lines)
    }
}

fn pharmacy_without_card(_: Language) -> Receipt {
    let lines = vec![line("6901234567892", 1, "12.00", "12.00")];
    Receipt {
        money: fen("12.00"), ..receipt("泉城大药房（泉城路店）", 12, "0118", "2026-03-09", lines)
    }
}

fn gift(_: Language) -> Receipt {
    Receipt {
        kind: ReceiptKind::Reward,
        points: (600, Fen(0)),
        account: Some(Account {
            points: Some(634),
            points_until: Some((day("2026-12-31"), 634)),
            ..account("6688 **** 3456", Some(("普通会员", "Ordinary")))
        }),
        ..receipt(
            "泉城大药房（泉城路店）",
            12,
            "0121",
            "2026-03-29",
            vec![line("抽纸 3层120抽", 2, "0.00", "0.00")],
        )
    }
}

fn department_store(language: Language) -> Receipt {
    let mut towels = line("纯棉毛巾 34×72厘米", 3, "19.90", "59.70");
    towels.earns_no_points = true;
    let lines = vec![
        line("Double-faced wool coat, ladies, M, navy blue", 1, "1280.00", "1023.99"),
        line("极寒系列连帽羽绒服 男款 深空灰 180/96A", 1, "899.00", "791.11"),
        towels,
    ];
    let why = match language {
        Language::Chinese => ["银卡九折: 不适用于该等级", "钻石卡八折: 不适用于该等级"],
        Language::English => ["Silver members: not for this tier", "Diamond members: not for this tier"],
    };
    Receipt {
        taken_off: vec![
            (label("专柜八折", "Counter promotion"), fen("256.00")),
            (label("金卡八八折", "Gold members"), fen("107.88")),
        ],
        cut: fen("0.02"),
        points: (2_000, fen("200.00")),
        money: fen("1674.80"),
        account: Some(Account {
            earned: 362,
            earned_until: Some(day("2028-03-31")),
            points: Some(5_230),
            points_until: Some((day("2027-03-31"), 1_200)),
            coupons: vec![
                held(("停车券（2小时）", "Two hours of parking"), 2, Some("2026-04-30")),
                held(("生日礼券", "Birthday present"), 1, None),
            ],
            ..account("6801 **** 0093", Some(("金卡", "Gold")))
        }),
        explanation: why.map(str::to_owned).into(),
        ..receipt("齐鲁银泰百货", 3, "A-20260310-000482", "2026-03-10", lines)
    }
}

fn returned_coat(_: Language) -> Receipt {
    let lines = vec![line("Double-faced wool coat, ladies, M, navy blue", 1, "1280.00", "1023.99")];
    Receipt {
        kind: ReceiptKind::Return { sold_by: "A-20260310-000482".into() },
        taken_off: vec![(label("专柜八折", "Counter promotion"), fen("256.00"))],
        cut: fen("0.01"),
        points: (1_092, fen("109.24")),
        money: fen("914.75"),
        account: Some(Account {
            earned: 204,
            points: Some(6_118),
            points_until: Some((day("2027-03-31"), 1_200)),
            ..account("6801 **** 0093", Some(("金卡", "Gold")))
        }),
        ..receipt("齐鲁银泰百货", 3, "A-20260312-000031", "2026-03-12", lines)
    }
}

fn restaurant(language: Language) -> Receipt {
    let lines = vec![
        line("糖醋黄河鲤鱼", 1, "88.00", "88.00"),
        line("九转大肠", 1, "78.00", "78.00"),
        line("油旋", 4, "3.50", "14.00"),
        line("崂山啤酒 500毫升", 6, "8.00", "48.00"),
    ];
    let why = match language {
        Language::Chinese => "生日九折: 储值支付不再优惠",
        Language::English => "Birthday: nothing comes off when stored value pays",
    };
    Receipt {
        stored_value: parts("200.00", "28.00"),
        account: Some(Account {
            stored_value: Some(parts("4800.00", "472.00")),
            ..account("7001 **** 2258", Some(("会员", "Member")))
        }),
        explanation: vec![why.into()],
        signature: true,
        ..receipt("老济南酒楼", 5, "桌8-0043", "2026-05-01", lines)
    }
}

fn top_up(_: Language) -> Receipt {
    Receipt {
        kind: ReceiptKind::TopUp(parts("5000", "500")),
        total: fen("5000"),
        money: fen("5000"),
        account: Some(Account {
            stored_value: Some(parts("5000.00", "500.00")),
            ..account("7001 **** 2258", Some(("会员", "Member")))
        }),
        ..receipt("老济南酒楼", 5, "C0007", "2026-04-18", Vec::new())
    }
}

fn top_up_back(_: Language) -> Receipt {
    Receipt {
        kind: ReceiptKind::TopUpBack(parts("2000", "200")),
        total: fen("2000"),
        money: fen("2000"),
        account: Some(Account {
            stored_value: Some(parts("3000.00", "300.00")),
            ..account("7001 **** 2258", Some(("会员", "Member")))
        }),
        signature: true,
        ..receipt("老济南酒楼", 5, "C0019", "2026-04-20", Vec::new())
    }
}

fn car_account() -> Account {
    Account {
        passes: vec![
            held(("洗车十次卡", "Ten washes"), 7, Some("2027-01-14")),
            held(("保养四次卡", "Four services"), 3, Some("2028-01-14")),
        ],
        ..account("7302 **** 0017", Some(("金牌车主", "Gold owner")))
    }
}

fn wash(_: Language) -> Receipt {
    Receipt {
        taken_off: vec![(label("洗车十次卡", "Ten washes"), fen("35.00"))],
        account: Some(car_account()),
        ..receipt(
            "畅途汽车服务",
            1,
            "0009",
            "2026-03-15",
            vec![line("标准洗车（五座轿车）", 1, "35.00", "0.00")],
        )
    }
}

fn pass(_: Language) -> Receipt {
    let mut account = car_account();
    account.passes[0].count = 10;
    Receipt {
        kind: ReceiptKind::PassSold,
        money: fen("280.00"),
        account: Some(account),
        ..receipt("畅途汽车服务", 1, "0002", "2026-01-15", vec![line("洗车十次卡", 1, "280.00", "280.00")])
    }
}

/// Whether the sums on it add up.
fn adds_up(receipt: &Receipt) -> bool {
    let off: i64 = receipt.taken_off.iter().map(|(_, off)| off.0).sum();
    let gross: i64 = receipt.lines.iter().map(|line| line.gross.0).sum();
    let prices: i64 = receipt.lines.iter().map(|line| line.price.0).sum();
    let goods = gross - off - receipt.cut.0 == receipt.total.0 && prices == receipt.total.0;
    let paid = receipt.points.1.0 + receipt.stored_value.sum().0 + receipt.money.0;
    (goods || receipt.lines.is_empty()) && paid == receipt.total.0
}

/// A receipt for whoever reads this language.
type Made = fn(Language) -> Receipt;

#[test]
fn receipts_say_what_they_said() {
    let kinds: [(&str, Made); 10] = [
        ("pharmacy: goods at a special price", pharmacy),
        ("pharmacy: without a card", pharmacy_without_card),
        ("pharmacy: a gift for points", gift),
        ("department store: discounts, whole coins, points pay", department_store),
        ("department store: the coat comes back", returned_coat),
        ("restaurant: stored value, to be signed", restaurant),
        ("restaurant: a top-up", top_up),
        ("restaurant: stored value given back", top_up_back),
        ("car service: a use of a pass", wash),
        ("car service: a pass is sold", pass),
    ];
    let mut text = String::new();
    for (title, of) in kinds {
        for language in [Language::Chinese, Language::English] {
            for paper in PAPERS {
                let receipt = of(language);
                assert!(adds_up(&receipt), "{title}");
                let columns = paper.columns();
                writeln!(text, "## {title} ({columns} columns)\n{}", receipt.text(paper, language)).unwrap();
            }
        }
    }
    assert!(text.trim_end() == GOLDEN.trim_end(), "receipts.txt should be:\n{text}");
}

#[test]
fn nothing_from_the_till_steers_the_printer() {
    let mut receipt = pharmacy_without_card(Language::Chinese);
    receipt.shop = "药房\u{1b}@".into();
    receipt.till = "1\u{1d}V0".into();
    receipt.check = "7\r\n实付 0.01".into();
    receipt.lines[0].name = "钙片\u{202e}\u{10}\u{4}\u{85}".into();
    receipt.explanation = vec!["\u{2028}\u{7f}".into()];
    let text = receipt.text(Paper::Mm80, Language::Chinese);
    for shown in ["药房?@", "收银台 1?V0", "单号 7??实付 0.01", "钙片????", "??"] {
        assert!(text.contains(shown), "{text}");
    }
    assert!(text.chars().all(|c| c == '\n' || !steers_display(c)), "{text}");
}

/// Texts with much of what is hard to measure.
fn any_words() -> impl Strategy<Value = String> {
    let odd = "感冒灵（）“”，×é\u{301}\u{fe0f}\u{338}\u{200d}\u{202e}\u{1b}\n\t \u{3000}❤👩1#<*";
    let c = prop_oneof![select(odd.chars().collect::<Vec<_>>()), any::<char>(), select(vec!['a', ' '])];
    vec(c, 0..90).prop_map(|chars| chars.into_iter().collect())
}

fn any_label() -> impl Strategy<Value = Label> {
    let wide = "宽".repeat(60);
    select(vec![label("金卡", "Gold"), label(&wide, "sixty letters and no blank".replace(' ', "x").as_str())])
}

fn any_amount() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), 0..10_000_000_i64, any::<i64>()]
}

fn any_parts() -> impl Strategy<Value = Parts> {
    let amounts = (any_amount(), any_amount());
    amounts.prop_map(|(principal, bonus)| Parts { principal: Fen(principal), bonus: Fen(bonus) })
}

fn any_line() -> impl Strategy<Value = ReceiptLine> {
    let amounts = (any_amount(), any_amount(), any_amount());
    (any_words(), any::<u32>(), amounts, any::<bool>()).prop_map(
        |(name, quantity, (unit_price, gross, price), earns_no_points)| ReceiptLine {
            name,
            quantity,
            unit_price: Fen(unit_price),
            gross: Fen(gross),
            price: Fen(price),
            earns_no_points,
        },
    )
}

fn any_account() -> impl Strategy<Value = Account> {
    let kinds = || {
        let one = (any_label(), any::<i64>(), any::<bool>());
        vec(
            one.prop_map(|(name, count, ends)| Held { name, count, until: ends.then(|| day("2027-01-14")) }),
            0..3,
        )
    };
    let points = (any_amount(), option::of(any_amount()), option::of(any_amount()));
    let rest = (option::of(any_parts()), kinds(), kinds());
    (any_words(), option::of(any_label()), points, rest).prop_map(
        |(card, tier, (earned, points, until), (stored_value, passes, coupons))| Account {
            card,
            tier,
            earned,
            earned_until: Some(day("2026-12-31")),
            points,
            points_until: until.map(|some| (day("2026-12-31"), some)),
            stored_value,
            passes,
            coupons,
        },
    )
}

fn any_kind() -> impl Strategy<Value = ReceiptKind> {
    prop_oneof![
        select(vec![ReceiptKind::Sale, ReceiptKind::PassSold, ReceiptKind::Reward]),
        any_words().prop_map(|sold_by| ReceiptKind::Return { sold_by }),
        any_parts().prop_map(ReceiptKind::TopUp),
        any_parts().prop_map(ReceiptKind::TopUpBack),
    ]
}

fn any_receipt() -> impl Strategy<Value = Receipt> {
    let head = (any_words(), any::<u32>(), any_words(), any_words(), any::<(u32, u32)>(), any_kind());
    let taken_off = vec((any_label(), any_amount().prop_map(Fen)), 0..3);
    let price = (vec(any_line(), 0..4), taken_off, any_amount(), any_amount());
    let paid = (any_amount(), any_amount(), any_parts(), any_amount());
    let tail = (option::of(any_account()), vec(any_words(), 0..3), any::<bool>());
    (head, price, paid, tail).prop_map(|(head, price, paid, tail)| Receipt {
        shop: head.0,
        store: StoreNumber(head.1),
        till: head.2,
        check: head.3,
        date: day("2026-03-09"),
        time: head.4,
        kind: head.5,
        lines: price.0,
        taken_off: price.1,
        cut: Fen(price.2),
        total: Fen(price.3),
        points: (paid.0, Fen(paid.1)),
        stored_value: paid.2,
        money: Fen(paid.3),
        account: tail.0,
        explanation: tail.1,
        signature: tail.2,
    })
}

/// As it is shown, without the blanks at which lines may break.
fn shown(text: &str) -> String {
    text.replace(steers_display, "?").chars().filter(|c| !c.is_whitespace()).collect()
}

proptest! {
    /// Whatever the till sends.
    #[test]
    fn every_line_fits_the_paper_and_no_name_is_cut(
        receipt in any_receipt(),
        paper in select(PAPERS.to_vec()),
        language in select(vec![Language::Chinese, Language::English]),
    ) {
        let text = receipt.text(paper, language);
        for line in text.lines() {
            prop_assert!(line.width() <= paper.columns() && line.width_cjk() <= paper.columns(), "{line:?}");
            prop_assert!(!line.ends_with(char::is_whitespace), "{line:?}");
            prop_assert!(!line.contains(steers_display), "{line:?}");
        }
        let whole: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        for words in receipt.lines.iter().map(|line| &line.name).chain(&receipt.explanation) {
            prop_assert!(whole.contains(&shown(words)), "{words:?}");
        }
    }
}
