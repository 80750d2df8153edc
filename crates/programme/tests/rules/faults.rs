//! A wrong programme is refused with every mistake in it.

use purser_programme::Programme;

use crate::basket::{PRESETS, programme};

const HEAD: &str = "name = { zh = \"章程\", en = \"Rules\" }\nversion = 1\nin_force_from = \"2026-01-01\"\n\
                    time_zone = \"Asia/Shanghai\"\n";
const TIER: &str = "[[tier]]\nid = \"member\"\nname = { zh = \"会员\", en = \"Member\" }\n";

/// The mistakes: line and words.
fn mistakes(text: &str) -> Vec<(usize, String)> {
    let faults = Programme::read(text).unwrap_err();
    faults.0.into_iter().map(|fault| (fault.line, format!("{} {}", fault.rule, fault.what))).collect()
}

fn assert_found(text: &str, wanted: &[(usize, &str)]) {
    let found = mistakes(text);
    let matches = found.len() == wanted.len()
        && found.iter().zip(wanted).all(|((line, what), (at, words))| line == at && what.contains(words));
    assert!(matches, "{text}\n{found:#?}");
}

#[test]
fn presets_are_sound() {
    for text in PRESETS {
        assert!(!programme(text).tiers.is_empty());
    }
}

#[test]
fn every_mistake_is_listed_with_its_line() {
    let text = format!(
        "{HEAD}[goods]\ncategories = [\"tea\"]\n{TIER}\
         [[discount]]\nid = \"Gold Members\"\nname = {{ zh = \"金\", en = \"Gold\" }}\n\
         when = {{ tiers = [\"gold\"] }}\ngives = {{ by = \"ratio\", ratio = \"1.5\" }}\n\
         [[discount]]\nid = \"coffee\"\nname = {{ zh = \"咖啡\", en = \"Coffee\" }}\n\
         when = {{ days = [31], months = [4, 6] }}\ngoods = {{ categories = [\"coffee\"] }}\n\
         gives = {{ by = \"ratio\", ratio = \"1\" }}\nprice = 3\n\
         [earnings]\nper = \"1\"\n"
    );
    let coffee = [
        (15, "[[discount]] coffee category `coffee` is not in [goods]".replace(" category", " the category")),
        (15, "never in force".to_owned()),
        (15, "`ratio` is below 1".to_owned()),
    ];
    let coffee = coffee.iter().map(|(line, what)| (*line, what.as_str()));
    let wanted = [(11, "a-z")].into_iter().chain(coffee);
    let wanted: Vec<_> =
        wanted.chain([(21, "unknown field `price`"), (22, "no rule has this name")]).collect();
    assert_found(&text, &wanted);
    // What is wrong with rules that can be read comes out beside what cannot be read.
    let text = text.replace("Gold Members", "gold-members").replace("price = 3\n", "");
    assert_found(
        &text,
        &[
            (10, "no tier `gold`"),
            (10, "`ratio` is below 1"),
            (15, "category `coffee` is not in [goods]"),
            (15, "never in force"),
            (15, "`ratio` is below 1"),
            (21, "no rule has this name"),
        ],
    );
}

#[test]
fn one_rule_with_several_mistakes_tells_them_all() {
    assert_found(
        &format!("{HEAD}{TIER}[[discount]]\nid = \"a\"\ngives = {{ by = \"ratio\", ratio = 0.9 }}\n"),
        &[(8, "missing field `name`"), (10, "expected a string")],
    );
    let text = format!(
        "{HEAD}{TIER}[[discount]]\nid = \"A\"\nname = {{ zh = \"\", en = \"x\" }}\n\
         gives = {{ by = \"ratio\", ratio = \"0,9\" }}\nwhen = {{ day = [1] }}\n"
    );
    assert_found(&text, &[(9, "a-z"), (10, "1 to 60"), (11, "decimal"), (12, "unknown field `day`")]);
}

#[test]
fn no_mistake_hides_another_in_lists_and_inner_tables() {
    let ways = "[[tier]]\nid = \"silver\"\nname = { zh = \"银卡\", en = \"Silver\" }\nways = [\n\
                { by = \"spend\", from = 1000, months = \"x\" },\n\
                { by = \"invitation\", from = \"1000\" },\n\
                { by = \"orders\" },\n\
                { by = \"luck\" },\n]\n";
    // The silver tier is there, though it cannot be read; nor is anything said of what the list lacks.
    let discount = "[[discount]]\nid = \"a\"\nname = { zh = \"\", en = \"\" }\nwhen = { tiers = [\"silver\"] }\n\
                    [discount.gives]\nby = \"off\"\noff = \"x\"\nevil = 1\n";
    assert_found(
        &format!("{HEAD}{TIER}{ways}{discount}"),
        &[
            (12, "[[tier]] silver invalid type: integer `1000`"),
            (12, "[[tier]] silver invalid type: string \"x\""),
            (13, "unknown field `from`"),
            (14, "missing field `from`"),
            (15, "unknown variant `luck`"),
            (19, "1 to 60"),
            (19, "1 to 60"),
            (23, "[[discount]] a"),
            (24, "unknown field `evil`"),
        ],
    );
    for (more, words) in [
        ("[expiry]\nby = \"never\"\nmonths = 3\n", "unknown field `months`"),
        (
            "[[reward]]\nid = \"r\"\nname = { zh = \"礼\", en = \"Gift\" }\npoints = 1\nworth = \"1\"\n\
          gives = { by = \"entry\", coupon = \"nope\" }\n",
            "unknown field `coupon`",
        ),
    ] {
        let found = mistakes(&format!("{HEAD}{TIER}{more}"));
        assert!(found.len() == 1 && found[0].1.contains(words), "{words}: {found:?}");
    }
    // A first tier that cannot be read is one all the same.
    assert_found(&format!("{HEAD}[[tier]]\nid = \"member\"\nname = 3\n"), &[(7, "invalid type")]);
}

#[test]
fn more_mistakes_than_anybody_reads_are_cut_and_said_to_be() {
    let rules: String = (0..200).fold(String::new(), |text, n| text + &format!("[[rule-{n}]]\n"));
    let found = mistakes(&format!("{HEAD}{TIER}{rules}"));
    assert_eq!(found.len(), 101);
    assert!(found[100].1.contains("more after these"), "{:?}", found[100]);
    // What a name holds does not reach the terminal.
    let found = mistakes(&format!("{HEAD}{TIER}\"\\u001b[31mred\" = 1\n"));
    assert!(found.len() == 1 && !found[0].1.contains('\u{1b}'), "{found:?}");
}

#[test]
fn what_contradicts_itself_is_refused() {
    let with = |more: &str| format!("{HEAD}{TIER}{more}");
    let tier = |id: &str, ways: &str| {
        format!("[[tier]]\nid = \"{id}\"\nname = {{ zh = \"卡\", en = \"Card\" }}\nways = [{ways}]\n")
    };
    let spend = |from: u32| format!("{{ by = \"spend\", from = \"{from}\", months = 12 }}");
    let cases = [
        (with(&tier("silver", "")), "nobody can reach it"),
        (with(&(tier("silver", &spend(5000)) + &tier("gold", &spend(3000)))), "reaches `gold` as well"),
        (with(&tier("member", &spend(10))), "another tier has this id"),
        (with("[expiry]\nby = \"months\"\nmonths = 0\n"), "one month"),
        (
            with("[earning]\nper = \"1\"\nbands = [{ points = \"1\" }, { from = 0, points = \"2\" }]\n"),
            "overlap",
        ),
        (
            with("[earning]\nper = \"1\"\nbands = [{ points = \"2\" }, { from = 100, points = \"1\" }]\n"),
            "who pays more earns less",
        ),
        (
            with(
                "[stored_value]\nfrom = \"100\"\nbonus = [{ from = \"500\", share = \"0.1\" }, \
                  { from = \"500\", share = \"0.2\" }]\n",
            ),
            "overlap",
        ),
        (
            with("[redemption]\nopen = [{ from = \"2026-02-01\", until = \"2026-01-01\" }]\n"),
            "before it begins",
        ),
        (with("[redemption]\nopen = [{ stores = [1] }]\n"), "`stores` cannot be chosen here"),
        (with("[[multiplier]]\nid = \"x\"\ntimes = \"0\"\n"), "`times` is above 0"),
        (
            with(
                "[earning]\nper = \"1\"\nbands = [{ points = \"1\" }, { from = 9223372036854775807, points = \"2\" }]\n",
            ),
            "a band begins",
        ),
        (
            with(
                &(tier("silver", "{ by = \"orders\", from = 5 }")
                    + "valid = { by = \"months\", months = 12 }\n"),
            ),
            "add `resets",
        ),
        (
            with(
                &(tier("silver", "{ by = \"spend_in_year\", from = \"1000\" }")
                    + &tier("gold", &spend(1000))),
            ),
            "reaches `gold`",
        ),
        (
            with(&(tier("silver", "{ by = \"points\", from = 5 }") + "resets = true\n")),
            "nothing earns points",
        ),
        (
            with(
                "[[award]]\ncoupon = \"c\"\nway = { by = \"invitation\" }\n[[coupon]]\nid = \"c\"\nname = { zh = \"券\", en = \"C\" }\ngives = { by = \"off\", off = \"1\" }\nvalid = { by = \"days\", days = 1 }\n",
            ),
            "grant it",
        ),
        (
            with(
                "[stored_value]\nfrom = \"100\"\nmost = \"105\"\nbonus = [{ from = \"100\", share = \"0.1\" }]\n",
            ),
            "nobody can top up",
        ),
        (
            with(
                "[stored_value]\nfrom = \"100\"\nbonus = [{ from = \"10\", share = \"0.1\" }, { from = \"50\", share = \"0.2\" }]\n",
            ),
            "never given",
        ),
        (with("[redemption]\ncash = { step = 100, off = \"92233720368547758.07\" }\n"), "at most"),
        (
            with("[[multiplier]]\nid = \"x\"\ntimes = \"2\"\nwhen = { until = \"2025-12-31\" }\n"),
            "before this version is in force",
        ),
        (
            with("[[multiplier]]\nid = \"x\"\ntimes = \"2\"\nwhen = { stores = [100000] }\n"),
            "no store 100000",
        ),
        (with("[rounding]\ntotal = \"0.30\"\n"), "0.10"),
        (with("[stacking]\nfloor = \"1.2\"\n"), "at most 1"),
    ];
    for (text, words) in cases {
        let found = mistakes(&text);
        assert!(found.len() == 1 && found[0].1.contains(words), "{words}: {found:?}");
    }
}

#[test]
fn a_programme_without_its_head_is_refused() {
    let found = mistakes("");
    let all: Vec<&str> = ["name", "version", "in_force_from", "time_zone", "[[tier]]"].to_vec();
    for wanted in &all {
        assert!(found.iter().any(|(_, what)| what.starts_with(wanted)), "{wanted}: {found:?}");
    }
    assert_eq!(found.len(), all.len(), "{found:?}");
    assert_found(&format!("{}{TIER}", HEAD.replace("Shanghai", "Atlantis")), &[(4, "tz database")]);
    assert_found(&format!("{}{TIER}", HEAD.replace("2026-01-01", "2026-02-30")), &[(3, "a day such as")]);
    assert_found(&format!("{}{TIER}", HEAD.replace("version = 1", "version = 0")), &[(2, "begin at 1")]);
}

#[test]
fn what_is_no_text_is_refused_where_it_is_none() {
    let faults = Programme::read_bytes(b"name = 1\nversion = \"\xff\"\n").unwrap_err();
    assert_eq!((faults.0.len(), faults.0[0].line), (1, 2), "{faults}");
    // The end of what was read may lie within a character.
    let long = Programme::read_bytes(&"章".repeat(100_000).as_bytes()[..200_000]).unwrap_err();
    assert!(long.to_string().contains("128 KiB"), "{long}");
}

#[test]
fn a_broken_text_is_refused_where_it_breaks() {
    let found = mistakes(&format!("{HEAD}[[tier]\nid = "));
    assert_eq!(found[0].0, 5, "{found:?}");
    assert_eq!(mistakes(&"#".repeat(300_000)), [(1, " a programme has at most 128 KiB".to_owned())]);
}
