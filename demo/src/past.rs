//! A made-up past for a store that has joined and not run yet: members, sales over months by its staff, top-ups,
//! returns. For looking at pages with as much in them as a shop has, and for measuring.

use std::{collections::BTreeMap, fs, path::PathBuf, process::ExitCode};

use clap::Parser;
use purser_documents::{Edit, Field};
use purser_node::{Failure, run_parsed, say};
use purser_programme::{Line, Programme};
use purser_replica::{
    Basket, BasketLine, Founding, GoodsBack, Order, Outcome, Redemption, Replica, ReplicaError, Settings,
    TakeBack, Tenders, TopUp, Undertaking,
};
use purser_transport::Identity;
use purser_types::{Coded, Fen, MemberId, Now, SaleId};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

/// Fills a store that has joined and not run yet with a made-up past.
#[derive(Debug, Parser)]
#[command(name = "purser-demo fill")]
pub(crate) struct Past {
    /// The store's folder.
    #[arg(long)]
    dir: PathBuf,
    /// The programme that it sold by, as the hub publishes it.
    #[arg(long)]
    programme: PathBuf,
    /// Members.
    #[arg(long, default_value_t = 2_000)]
    members: usize,
    /// Sales.
    #[arg(long, default_value_t = 24_000)]
    sales: u64,
    /// Days until now.
    #[arg(long, default_value_t = 90)]
    days: u64,
    /// Seed of all that is made up.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// When the past ends, in milliseconds since 1970; now if not given.
    #[arg(long)]
    until_ms: Option<u64>,
}

const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕";
const GIVEN: &str =
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文晓东雨欣子涵梓轩浩然思远佳怡一诺";
/// What a tea house sells: name, category, price in yuan.
const ARTICLES: [(&str, &str, i64); 12] = [
    ("龙井茶位", "seat", 68),
    ("碧螺春茶位", "seat", 78),
    ("普洱茶位", "seat", 58),
    ("茉莉花茶 50g", "tea", 45),
    ("明前龙井 100g", "tea", 380),
    ("大红袍 75g", "tea", 260),
    ("白毫银针 50g", "tea", 198),
    ("绿豆糕", "snack", 28),
    ("瓜子", "snack", 18),
    ("杏仁酥", "snack", 32),
    ("茶具套装", "tea", 520),
    ("话梅", "snack", 22),
];
const STAFF: [&str; 4] = ["li", "wang", "zhao", "chen"];
/// Orders in one transaction.
const AT_ONCE: usize = 200;

/// Whoever makes it up.
struct Storyteller {
    replica: Replica,
    random: ChaCha12Rng,
    members: Vec<MemberId>,
    sales: Vec<SaleId>,
    checks: u64,
    /// What the scheme did not allow, by its code.
    refused: BTreeMap<&'static str, u64>,
}

/// Fills the folder; succeeds if all of it could be written.
pub(crate) fn fill(args: impl Iterator<Item = std::ffi::OsString>) -> ExitCode {
    run_parsed(args, |past: Past| {
        past.write()?;
        Ok(ExitCode::SUCCESS)
    })
}

impl Past {
    fn write(&self) -> Result<(), Failure> {
        let text = fs::read(&self.programme)
            .map_err(|error| Failure::new("cannot_read", format!("{}: {error}", self.programme.display())))?;
        let programme = Programme::read_bytes(&text).map_err(|faults| {
            Failure::new("programme_unsound", format!("{}: {faults}", self.programme.display()))
        })?;
        let identity = Identity::load(&self.dir)?;
        let founding = Founding {
            charter: identity.charter.clone(),
            credential: identity.papers.credential.clone(),
            key: identity.key.clone(),
        };
        let settings = Settings { programme: programme.into(), ..Settings::default() };
        let replica = Replica::open(&self.dir.join("purser.db"), founding, settings)?;
        let random = ChaCha12Rng::seed_from_u64(self.seed);
        let mut teller = Storyteller {
            replica,
            random,
            members: Vec::new(),
            sales: Vec::new(),
            checks: 0,
            refused: BTreeMap::new(),
        };
        teller.tell(self)
    }
}

impl Storyteller {
    fn tell(&mut self, past: &Past) -> Result<(), Failure> {
        let end_ms = past.until_ms.unwrap_or_else(now_ms);
        let span_ms = past.days * 86_400_000;
        let began_ms = end_ms.saturating_sub(span_ms);
        let orders = past.sales.max(past.members as u64).max(1);
        let mut batch = Vec::new();
        for turn in 0..orders {
            let at_ms = began_ms + opening(turn * (span_ms / orders), &mut self.random);
            // Half of the members are there from the first tenth on, the others come by and by.
            let due = past.members as u64 * (turn + orders / 10) / orders * 10 / 11 + 1;
            while ((self.members.len() + batch.len()) as u64) < due.min(past.members as u64) {
                let edits = self.person();
                batch.push((at_ms, Undertaking::Register { edits, with_card: true }));
                if batch.len() >= AT_ONCE {
                    self.write(&mut batch)?;
                }
            }
            self.write(&mut batch)?;
            if turn < past.sales {
                let wish = self.sale();
                self.write_one(at_ms, wish)?;
            }
        }
        let (members, sales) = (self.members.len(), self.sales.len());
        say(&format!("{members} members, {sales} sales; refused: {:?}", self.refused));
        Ok(())
    }

    fn write_one(&mut self, at_ms: u64, undertaking: Undertaking) -> Result<(), Failure> {
        self.write(&mut vec![(at_ms, undertaking)])
    }

    /// Carries out a batch; what the scheme refuses did not happen.
    fn write(&mut self, batch: &mut Vec<(u64, Undertaking)>) -> Result<(), Failure> {
        let Some((first_ms, _)) = batch.first() else { return Ok(()) };
        let now = Now { wall_ms: *first_ms, monotonic_ms: *first_ms };
        // Its line was up all the time.
        self.replica.note_hub_met(now);
        let mut transaction = self.replica.begin(now).map_err(ReplicaError::from)?;
        let mut outcomes = Vec::new();
        for (_, undertaking) in batch.drain(..) {
            let order = Order { request: None, undertaking };
            match transaction.execute(&order) {
                Ok(reply) => outcomes.push(reply),
                Err(refusal) => *self.refused.entry(refusal.code()).or_insert(0_u64) += 1,
            }
        }
        let proof = transaction.commit().map_err(ReplicaError::from)?;
        for reply in outcomes {
            match reply.release(&proof).outcome {
                Outcome::Member(member, _) => self.members.push(member),
                Outcome::Sale(sale, _) => self.sales.push(sale),
                _ => {}
            }
        }
        Ok(())
    }

    fn person(&mut self) -> Vec<Edit> {
        let surname = self.one_of(SURNAMES);
        let given: String = (0..self.random.random_range(1..=2)).map(|_| self.one_of(GIVEN)).collect();
        let phone =
            format!("1{}{:08}", self.random.random_range(30..=99), self.random.random_range(0..100_000_000));
        let born = format!(
            "{}-{:02}-{:02}",
            self.random.random_range(1950..=2006),
            self.random.random_range(1..=12),
            self.random.random_range(1..=28)
        );
        let set = |field, value: String| Edit::SetField { field, value: Some(value) };
        vec![
            set(Field::Name, format!("{surname}{given}")),
            set(Field::Phone, phone),
            set(Field::BirthDate, born),
        ]
    }

    fn one_of(&mut self, of: &str) -> char {
        let chars: Vec<char> = of.chars().collect();
        chars[self.random.random_range(0..chars.len())]
    }

    /// What comes next at the counter: mostly a sale, sometimes something else.
    fn sale(&mut self) -> Undertaking {
        self.checks += 1;
        let (till, check) = ("1".to_owned(), format!("{:07}", self.checks));
        // Few come often.
        let share = self.random.random_range(0..self.members.len());
        let member = self.members[self.random.random_range(0..=share)];
        let by = STAFF[self.random.random_range(0..STAFF.len())].to_owned();
        let undertaking = match self.random.random_range(0..100) {
            0 if !self.sales.is_empty() => {
                let sale =
                    self.sales[self.sales.len() - 1 - self.random.random_range(0..self.sales.len().min(300))];
                Undertaking::TakeBack(TakeBack { sale, till, check, goods: GoodsBack::Gross(Fen(1_800)) })
            }
            1..=3 => {
                let amount = Fen([50_000, 100_000, 200_000][self.random.random_range(0..3)]);
                let seller = Some(by.clone());
                Undertaking::TopUp(TopUp {
                    member,
                    till,
                    check,
                    amount,
                    issue: None,
                    seller,
                    approved_by: None,
                })
            }
            _ => Undertaking::CheckOut(self.basket(member, till, check)),
        };
        Undertaking::By { person: by, undertaking: Box::new(undertaking) }
    }

    fn basket(&mut self, member: MemberId, till: String, check: String) -> Basket {
        let lines: Vec<BasketLine> = (0..self.random.random_range(1..=4)).map(|_| self.line()).collect();
        let gross =
            Fen(lines.iter().map(|line| line.line.unit_price.0 * i64::from(line.line.quantity)).sum());
        let redemption =
            if self.random.random_ratio(1, 12) { Redemption::Points(50) } else { Redemption::None };
        let stored_value = self.random.random_ratio(1, 5).then_some(Fen(i64::from(u32::MAX)));
        let tenders = Tenders { stored_value, ..Tenders::default() };
        Basket { member, till, check, gross, redemption, lines, tenders, claimed_of: None }
    }

    fn line(&mut self) -> BasketLine {
        let (name, category, yuan) = ARTICLES[self.random.random_range(0..ARTICLES.len())];
        let line = Line {
            category: category.to_owned(),
            quantity: self.random.random_range(1..=2),
            unit_price: Fen(yuan * 100),
            ..Line::default()
        };
        BasketLine { name: name.to_owned(), line }
    }
}

/// A moment of a day between nine in the morning and nine in the evening in China, more of them on weekends.
fn opening(offset_ms: u64, random: &mut impl Rng) -> u64 {
    const DAY_MS: u64 = 86_400_000;
    let day = offset_ms / DAY_MS;
    day * DAY_MS + (offset_ms % DAY_MS) / 2 + random.random_range(0..60_000)
}

fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
