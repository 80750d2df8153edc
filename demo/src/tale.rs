//! What happens in the demo, scene by scene.

use std::{
    fmt, thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{Answer, City, CityError, stage, wait_for};

/// The shops' names.
pub(crate) const SHOPS: [&str; 3] = ["泉城路 Spring Road", "山大路 University", "大明湖 Lake"];
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

/// The city, its members, and what did not come out as it should.
pub(crate) struct Tale {
    city: City,
    members: Vec<Member>,
    checks: u32,
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
        Self { city, members: Vec::new(), checks: 0, with_line: Duration::ZERO, surprises: Vec::new() }
    }

    /// The city as it is left, and what did not come out as it should.
    pub(crate) fn end(self) -> (City, Vec<String>) {
        (self.city, self.surprises)
    }

    /// Members register at any shop.
    pub(crate) fn register(&mut self) -> Result<(), CityError> {
        self.city.lines.iter().for_each(|line| line.slow(LINE_MS));
        stage::scene("1 · Members register at any shop", &format!("lines: up, {LINE_MS} ms each way"));
        self.enrol("王秀英", "13853100017", SPRING_ROAD)?;
        self.enrol("李伟", "13964000204", UNIVERSITY)?;
        self.enrol("Kate Miller", "15054110903", LAKE)?;
        let agreed = self.await_agreement()?;
        stage::tell(&format!("All four replicas know all of them after another {agreed}."));
        Ok(())
    }

    /// Purchases earn points, and rights to spend them go where the member shops.
    pub(crate) fn buy(&mut self) -> Result<(), CityError> {
        stage::scene("2 · Every yuan earns a point, at every shop", "lines: up");
        for (member, shop, yuan) in
            [(0, UNIVERSITY, 250), (0, SPRING_ROAD, 300), (0, SPRING_ROAD, 300), (1, UNIVERSITY, 420), (2, LAKE, 180)]
        {
            let sale = self.sell(member, shop, yuan, 0)?;
            self.expect(sale.is_success(), "a purchase", &sale);
            // The habit that decides where rights live is what the shop knows of it.
            self.await_agreement()?;
        }
        self.with_line = self.time_sales()?;
        self.await_agreement()?;
        let habit_met = || Ok(self.here(0, SPRING_ROAD)? == 600 && self.here(0, UNIVERSITY)? == 250);
        if let Err(CityError::TooLate { .. }) = wait_for("rights are where they belong", AGREEMENT, habit_met) {
            self.surprises.push("王秀英's rights are not where her habit wants them".to_owned());
        }
        self.show_balances()?;
        stage::tell("In brackets: what the shop may spend on its own, whatever the line does.");
        Ok(())
    }

    /// Two shops without a line are asked for more than there is.
    pub(crate) fn cut(&mut self) -> Result<(), CityError> {
        self.city.lines[SPRING_ROAD].cut();
        self.city.lines[UNIVERSITY].cut();
        stage::scene("3 · 王秀英's points are wanted at two shops at once", "lines of both: CUT");
        stage::tell("She has 850. Each till asks for 500, and cannot know of the other:");
        let (here, there) = (self.redemption(SPRING_ROAD), self.redemption(UNIVERSITY));
        let (first, second) = thread::scope(|scope| {
            let other = scope.spawn(move || there.send(500));
            (here.send(500), other.join())
        });
        let first = first?;
        let second = second.unwrap_or_else(|_| Err(CityError::NotRunning("a till".to_owned())))?;
        self.note_redemption(SPRING_ROAD, 500, &first);
        self.note_redemption(UNIVERSITY, 500, &second);
        self.expect(first.is_success(), "500 of the 600 points held there", &first);
        let honest = second.code() == Some("insufficient_rights_here") && second.body["here"] == 250;
        self.expect(honest, "a refusal that says that 250 can be had", &second);
        stage::tell("So University offers what it can:");
        let third = self.redemption(UNIVERSITY).send(200)?;
        self.note_redemption(UNIVERSITY, 200, &third);
        self.expect(third.is_success(), "200 of the 250 points held there", &third);
        Ok(())
    }

    /// A shop without a line works as always.
    pub(crate) fn go_on(&mut self) -> Result<(), CityError> {
        stage::scene("4 · Without its line, University sells as always", "lines of both: CUT");
        let without_line = self.time_sales()?;
        let (with_line, without_line) = (stage::time(self.with_line), stage::time(without_line));
        stage::tell(&format!("A sale took {with_line} with the line, {without_line} without (median of {SALES_TIMED})."));
        self.enrol("张敏", "18660112288", UNIVERSITY)?;
        let till = self.purchase(3, UNIVERSITY, 60, 0);
        let (first, again) = (till.send()?, till.send()?);
        self.members[3].points += 60;
        let same = first.is_success() && first.body == again.body && again.repeated;
        self.expect(same, "the same answer to the same request", &again);
        stage::tell("Her till loses the answer to a sale and sends it again: the same receipt,");
        stage::tell(&format!("{} points, once.", again.body["points_earned"]));
        Ok(())
    }

    /// The lines are back.
    pub(crate) fn heal(&mut self) -> Result<(), CityError> {
        self.city.lines.iter().for_each(crate::Line::heal);
        stage::scene("5 · The lines are healed", "lines: up");
        let agreed = self.await_agreement()?;
        stage::tell(&format!("All replicas agree after {agreed}. What each of them says now:"));
        self.show_balances()?;
        for member in 0..self.members.len() {
            for shop in 0..SHOPS.len() {
                let (told, wanted) = (self.balance(member, shop)?["balance"].as_i64(), self.members[member].points);
                if told != Some(wanted) {
                    let (name, shop) = (self.members[member].name, SHOPS[shop]);
                    self.surprises.push(format!("{name} has {told:?} at {shop} instead of {wanted}"));
                }
            }
        }
        stage::tell("王秀英: 890 earned, 700 spent, 190 left. Nothing was spent twice.");
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
        let (who, at) = (stage::left(name, 12), stage::left(SHOPS[shop], 20));
        stage::tell(&format!("{who} at {at} card {}  {}", text("card"), stage::time(answer.took)));
        self.members.push(Member { name, id: text("member"), points: 0 });
        Ok(())
    }

    /// A purchase that is not sent yet.
    fn purchase(&mut self, member: usize, shop: usize, yuan: i64, redeem: i64) -> Till<'_> {
        self.checks += 1;
        let check = format!("D{:04}", self.checks);
        let mut body = json!({
            "member": self.members[member].id, "till": "1", "check": check, "gross": format!("{yuan}.00"),
        });
        if redeem > 0 {
            body["redeem_points"] = json!(redeem);
        }
        Till { store: &self.city.stores[shop], key: check, body }
    }
}
