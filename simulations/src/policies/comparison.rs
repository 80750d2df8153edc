use purser_escrow::Policy;
use purser_types::ReplicaId;

use super::{
    history::{History, Shopping},
    member::{Member, Scheme, Traffic, replica_of},
    outage::{Map, Outage},
    referee::{Help, Scene, Tally},
};

/// What is agreed on while policies are compared.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Points for goods of 1.00.
    pub rate: i64,
    /// The points of the cheapest reward; every visit wishes to redeem as many.
    pub reward: i64,
    /// Members in a hundred who have a phone on which they bring rights.
    pub phones_percent: u64,
    /// What a store without a line may advance to a member, in points.
    pub allowance: i64,
}

impl Default for Terms {
    /// ¥20 a member at 100 points a yuan, 80 phones in a hundred.
    fn default() -> Self {
        Self { rate: 10, reward: 100, phones_percent: 80, allowance: 2_000 }
    }
}

/// What a store without a line may go by, one thing after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The rights that it held when the line went, and what members have earned there since.
    Rights,
    /// Besides, what the basket itself earns stands in for rights that are elsewhere.
    OwnPoints,
    /// Besides, members with a phone bring rights from the hub.
    Carried,
    /// As `OwnPoints`, and the store may advance points up to the allowance.
    Allowance,
    /// All of these.
    CarriedAndAllowance,
}

impl Mode {
    /// All of them, as they build on each other.
    pub const ALL: [Mode; 5] =
        [Mode::Rights, Mode::OwnPoints, Mode::Carried, Mode::Allowance, Mode::CarriedAndAllowance];

    /// For tables.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Rights => "rights alone",
            Mode::OwnPoints => "with the basket's own points",
            Mode::Carried => "and carried rights",
            Mode::Allowance => "or an allowance",
            Mode::CarriedAndAllowance => "and both",
        }
    }

    fn own_points(self) -> bool {
        self != Mode::Rights
    }

    /// What helps a member: with a phone in so many cases of a hundred, and without one.
    fn helps(self, terms: &Terms) -> Vec<(Help, u64)> {
        let advances = matches!(self, Mode::Allowance | Mode::CarriedAndAllowance);
        let allowance = if advances { terms.allowance } else { 0 };
        let phones = match self {
            Mode::Carried | Mode::CarriedAndAllowance => terms.phones_percent.min(100),
            _ => 0,
        };
        let cases =
            [(Help { carried: true, allowance }, phones), (Help { carried: false, allowance }, 100 - phones)];
        cases.into_iter().filter(|(_, times)| *times > 0).collect()
    }
}

/// What one policy came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The policy.
    pub policy: Policy,
    pub(super) traffic: Traffic,
    pub(super) outages: Vec<(Outage, [Tally; 5])>,
}

impl Outcome {
    /// (wishes that a referee who knows everything would allow, those served at once) in one kind
    /// of outage.
    pub fn served(&self, outage: Outage, mode: Mode) -> (u64, u64) {
        let tally = self.tally(outage, mode);
        (tally.wishes, tally.served)
    }

    /// Points overspent once all journals have met, and the points that were advanced.
    pub fn lost(&self, outage: Outage, mode: Mode) -> (i64, i64) {
        let tally = self.tally(outage, mode);
        (tally.lost, tally.advanced)
    }

    pub(super) fn tally(&self, outage: Outage, mode: Mode) -> Tally {
        let found = self.outages.iter().find(|(of, _)| *of == outage);
        let place = Mode::ALL.iter().position(|of| *of == mode);
        found.zip(place).map_or_else(Tally::default, |((_, tallies), place)| tallies[place])
    }
}

/// Plays the history under one policy, once with all lines up and once through each outage.
/// `progress` is called for each member.
pub fn compare(
    history: &History,
    terms: &Terms,
    policy: Policy,
    outages: &[Outage],
    progress: impl Fn(),
) -> Outcome {
    let map = Map::of(history);
    let (begins_ms, _) = history.span();
    let mut outcome = Outcome { policy, traffic: Traffic::default(), outages: Vec::new() };
    outcome.outages.extend(outages.iter().map(|outage| (*outage, [Tally::default(); 5])));
    for visits in &history.members {
        for own_points in [false, true] {
            let scheme = Scheme { policy, reward: terms.reward, rate: terms.rate, own_points };
            let (befores, traffic) = live(&scheme, visits);
            if own_points {
                outcome.traffic.add(traffic);
            }
            for (outage, tallies) in &mut outcome.outages {
                for (mode, tally) in Mode::ALL.into_iter().zip(tallies) {
                    if mode.own_points() == own_points {
                        let helps = mode.helps(terms);
                        let play = Play { scheme: &scheme, helps, map: &map, outage: *outage, begins_ms };
                        play.all(visits, &befores, tally);
                    }
                }
            }
        }
        progress();
    }
    outcome
}

/// The member before each visit, with all lines up.
fn live(scheme: &Scheme, visits: &[Shopping]) -> (Vec<Member>, Traffic) {
    let (mut member, mut traffic) = (Member::default(), Traffic::default());
    let mut befores = Vec::with_capacity(visits.len());
    for shopping in visits {
        befores.push(member.clone());
        member.visit_on_line(scheme, shopping, &mut traffic);
        member.forget_old_visits();
    }
    (befores, traffic)
}

/// One member through all outages of one kind.
struct Play<'a> {
    scheme: &'a Scheme,
    helps: Vec<(Help, u64)>,
    map: &'a Map,
    outage: Outage,
    begins_ms: u64,
}

impl Play<'_> {
    fn all(&self, visits: &[Shopping], befores: &[Member], tally: &mut Tally) {
        let window =
            |shopping: &Shopping| (shopping.at_ms - self.begins_ms) / (self.outage.hours * 3_600_000);
        let mut first = 0;
        for during in visits.chunk_by(|one, next| window(one) == window(next)) {
            let before = &befores[first];
            first += during.len();
            for group in self.groups(during, before) {
                let cut = |at: ReplicaId| self.map.group_of(self.outage.reach, at) == Some(group);
                for (help, times) in &self.helps {
                    tally.add(Scene::begin(self.scheme, *help, &cut, before).play(during), *times);
                }
            }
        }
    }

    /// Whose outage this member can feel: the groups of what is visited, and of what holds rights.
    fn groups(&self, during: &[Shopping], before: &Member) -> Vec<usize> {
        let visited = during.iter().map(|shopping| replica_of(shopping.store));
        let holding = before.purse.held().iter().map(|(at, _)| *at);
        let felt = visited.chain(holding).chain([super::member::HUB]);
        let mut groups: Vec<usize> = felt.filter_map(|at| self.map.group_of(self.outage.reach, at)).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}
