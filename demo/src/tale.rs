//! What happens in the demo, scene by scene.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{Answer, City, CityError, Line, Process, purchase::Purchase, stage, wait_for};

/// The shops' names, in Chinese and in English.
pub(crate) const SHOPS: [(&str, &str); 3] =
    [("泉城路", "Spring Road"), ("山大路", "University"), ("大明湖", "Lake")];
const SPRING_ROAD: usize = 0;
const UNIVERSITY: usize = 1;
const LAKE: usize = 2;

/// How long the shops may take to agree again. A line that was cut for long is found dead
/// after 10 s, and dialled again within 15 s.
const AGREEMENT: Duration = Duration::from_secs(30);
/// Sales to tell how fast a till is served.
const SALES_TIMED: usize = 25;
/// What a line takes, each way.
const LINE_MS: u64 = 10;
/// The goods that points are redeemed for.
const GOODS_YUAN: i64 = 20;

/// The city, its members, and what did not come out as it should.
pub(crate) struct Tale {
    city: City,
    members: Vec<Member>,
    purchases: u32,
    with_line: Duration,
    surprises: Vec<String>,
}

struct Member {
    name: &'static str,
    id: String,
    /// What they should have now.
    points: i64,
}

impl Tale {
    pub(crate) fn new(city: City) -> Self {
        Self { city, members: Vec::new(), purchases: 0, with_line: Duration::ZERO, surprises: Vec::new() }
    }

    /// The city as it is left, and what did not come out as it should.
    pub(crate) fn end(self) -> (City, Vec<String>) {
        (self.city, self.surprises)
    }

    /// Members register at any shop.
    pub(crate) fn register(&mut self) -> Result<(), CityError> {
        self.city.lines.iter().for_each(|line| line.slow(LINE_MS));
        stage::scene("1 · Members register at any shop", &format!("lines: up, {LINE_MS} ms each way"));
        self.enrol("王秀英", "13800000005", SPRING_ROAD)?;
        self.enrol("李伟", "13800000011", UNIVERSITY)?;
        self.enrol("Kate Miller", "13800000017", LAKE)?;
        let agreed = self.await_agreement()?;
        stage::tell(&format!("All four replicas know all of them after another {agreed}."));
        Ok(())
    }

    /// Purchases earn points, and rights to spend them go where the member shops: a reward to each shop, and
    /// the rest to the one that sees most of them.
    pub(crate) fn buy(&mut self) -> Result<(), CityError> {
        stage::scene("2 · Every yuan earns a point, whichever shop", "lines: up");
        let purchases = [
            (0, UNIVERSITY, 250),
            (0, SPRING_ROAD, 300),
            (0, SPRING_ROAD, 300),
            (1, UNIVERSITY, 420),
            (2, LAKE, 180),
        ];
        for (member, shop, yuan) in purchases {
            self.sell(member, shop, yuan)?;
            // Where rights go depends on the visits that the shop knows of.
            self.await_agreement()?;
        }
        self.with_line = self.time_sales()?;
        self.await_agreement()?;
        wait_for("rights are where 王秀英 shops", AGREEMENT, || {
            Ok(self.spendable(0, SPRING_ROAD)? == Some(750) && self.spendable(0, UNIVERSITY)? == Some(100))
        })?;
        self.show_balances()?;
        stage::tell("In brackets: what a shop may spend by itself, whatever happens to its line.");
        stage::tell("Each point is in one pair of brackets only: that is the whole trick.");
        Ok(())
    }

    /// Two shops without a line are asked for more than there is.
    pub(crate) fn cut(&mut self) -> Result<(), CityError> {
        self.city.lines[SPRING_ROAD].cut();
        self.city.lines[UNIVERSITY].cut();
        stage::scene("3 · 王秀英's 850 points are wanted twice", "lines of Spring Road, University: CUT");
        stage::tell("Two tills redeem 500 of them at the same time; neither can ask the other.");
        let here = self.purchase(0, SPRING_ROAD, GOODS_YUAN)?.redeeming(500);
        let there = self.purchase(0, UNIVERSITY, GOODS_YUAN)?.redeeming(500);
        let (first, second) = thread::scope(|scope| {
            let there = scope.spawn(|| there.send());
            (here.send(), there.join())
        });
        let first = first?;
        let second = second.unwrap_or_else(|_| Err(CityError::NotRunning("the other till".to_owned())))?;
        self.redeemed(SPRING_ROAD, 500, &first);
        self.expect(first.is_success(), "500 of the 750 points held there", &first);
        self.redeemed(UNIVERSITY, 500, &second);
        let honest = second.code() == Some("insufficient_rights_here") && second.body["here"] == 100;
        self.expect(honest, "a refusal that says that 100 can be had", &second);
        let third = self.purchase(0, UNIVERSITY, GOODS_YUAN)?.redeeming(100).send()?;
        self.redeemed(UNIVERSITY, 100, &third);
        self.expect(third.is_success(), "the 100 points held there", &third);
        Ok(())
    }

    /// A shop without a line works as always.
    pub(crate) fn go_on(&mut self) -> Result<(), CityError> {
        stage::scene("4 · Without its line University sells as always", "line: CUT");
        let without_line = stage::time(self.time_sales()?);
        let with_line = stage::time(self.with_line);
        stage::tell(&format!(
            "{SALES_TIMED} sales, median {without_line}; with the line it was {with_line}."
        ));
        self.enrol("张敏", "13800000022", UNIVERSITY)?;
        let purchase = self.purchase(3, UNIVERSITY, 60)?;
        let (first, again) = (purchase.send()?, purchase.send()?);
        self.members[3].points += 60;
        let same = first.is_success() && first.body == again.body && again.repeated;
        self.expect(same, "the same answer to the same request", &again);
        stage::tell("The till did not hear the answer to her purchase and sends it again:");
        stage::tell(&format!("the same receipt, and {} points only once.", again.body["points_earned"]));
        Ok(())
    }

    /// The lines are back.
    pub(crate) fn heal(&mut self) -> Result<(), CityError> {
        self.city.lines.iter().for_each(Line::heal);
        stage::scene("5 · The lines are healed", "lines: up");
        let agreed = self.await_agreement()?;
        stage::tell(&format!("All agree again after {agreed}:"));
        self.show_balances()?;
        let left = self.members[0].points;
        stage::tell(&format!(
            "王秀英: 890 earned, 600 spent, {left} left at every shop. Nothing spent twice."
        ));
        self.show_digests()
    }
}

/// What the scenes are made of.
impl Tale {
    fn enrol(&mut self, name: &'static str, phone: &str, shop: usize) -> Result<(), CityError> {
        let body = json!({ "profile": { "name": name, "phone": phone }, "card": true });
        let answer = self.city.stores[shop].api()?.post("/v1/members", phone, &body)?;
        self.expect(answer.is_success(), "a new member", &answer);
        let text = |field: &str| answer.body[field].as_str().unwrap_or_default().to_owned();
        let (who, at) = (stage::left(name, 12), stage::left(SHOPS[shop].1, 11));
        stage::tell(&format!("{who} at {at}  card {}  {}", text("card"), stage::time(answer.took)));
        self.members.push(Member { name, id: text("member"), points: 0 });
        Ok(())
    }

    /// The next purchase at a shop, not sent yet.
    fn purchase(&mut self, member: usize, shop: usize, yuan: i64) -> Result<Purchase, CityError> {
        self.purchases += 1;
        let api = self.city.stores[shop].api()?;
        Ok(Purchase::of(api, &self.members[member].id, self.purchases, yuan))
    }

    fn sell(&mut self, member: usize, shop: usize, yuan: i64) -> Result<Answer, CityError> {
        let sale = self.purchase(member, shop, yuan)?.send()?;
        self.expect(sale.is_success(), "a sale", &sale);
        self.members[member].points += yuan;
        Ok(sale)
    }

    /// How long a sale at University takes: the median of many.
    fn time_sales(&mut self) -> Result<Duration, CityError> {
        let mut times = Vec::new();
        for _ in 0..SALES_TIMED {
            times.push(self.sell(1, UNIVERSITY, 10)?.took);
        }
        times.sort_unstable();
        Ok(times[SALES_TIMED / 2])
    }

    /// Shows what came of a redemption, and notes it.
    fn redeemed(&mut self, shop: usize, points: i64, answer: &Answer) {
        let (at, took) = (stage::left(SHOPS[shop].1, 11), stage::time(answer.took));
        if answer.is_success() {
            self.members[0].points += GOODS_YUAN - points;
            let discount = answer.body["discount"].as_str().unwrap_or_default();
            stage::tell(&format!("{at}  yes: {points} points taken, ¥{discount} off  {took}"));
        } else {
            stage::tell(&format!("{at}  no, after {took}:"));
            for line in stage::wrapped(answer.body["detail"].as_str().unwrap_or_default(), 62) {
                stage::tell(&format!("             {line}"));
            }
        }
    }

    fn balance(&self, member: usize, process: &Process) -> Result<Value, CityError> {
        let path = format!("/v1/members/{}/balances", self.members[member].id);
        let mut answer = process.api()?.get(&path)?;
        Ok(answer.body["points"].take())
    }

    fn spendable(&self, member: usize, shop: usize) -> Result<Option<i64>, CityError> {
        Ok(self.balance(member, &self.city.stores[shop])?["spendable_here"].as_i64())
    }

    /// Who has how many points, as each process says, and what it may spend of them.
    fn show_balances(&mut self) -> Result<(), CityError> {
        let header = ["points"].into_iter().chain(SHOPS.iter().map(|shop| shop.1)).chain(["Hub"]);
        let mut rows = vec![header.map(ToOwned::to_owned).collect::<Vec<_>>()];
        for (index, member) in self.members.iter().enumerate() {
            let mut row = vec![member.name.to_owned()];
            for process in self.city.processes() {
                let points = self.balance(index, process)?;
                row.push(format!("{} ({})", points["balance"], points["spendable_here"]));
                if points["balance"] != member.points {
                    let (name, told, wanted) = (member.name, &points["balance"], member.points);
                    self.surprises.push(format!("{name} has {told} at {}, not {wanted}", process.name()));
                }
            }
            rows.push(row);
        }
        stage::table(&rows);
        Ok(())
    }

    fn show_digests(&mut self) -> Result<(), CityError> {
        let mut digests = Vec::new();
        for process in self.city.processes() {
            digests.push(process.digest()?);
        }
        let short = digests.iter().map(|digest| digest.get(..8).unwrap_or(digest));
        stage::tell(&format!("Digests of all they know: {}", short.collect::<Vec<_>>().join(" ")));
        if digests.iter().any(|digest| *digest != digests[0]) {
            self.surprises.push("the digests differ".to_owned());
        }
        Ok(())
    }

    /// Waits until all know the same; says how long that took.
    fn await_agreement(&self) -> Result<String, CityError> {
        let began = Instant::now();
        self.city.await_agreement(AGREEMENT)?;
        Ok(stage::time(began.elapsed()))
    }

    fn expect(&mut self, so: bool, what: &str, answer: &Answer) {
        if !so {
            self.surprises.push(format!("expected {what}, got {} {}", answer.status, answer.body));
        }
    }
}
