use std::collections::{BTreeSet, VecDeque};

use super::{
    history::{Basket, History},
    outage_plan::{OutagePlan, Turn},
    site::Site,
};

/// Baskets and outages in the order of time, of which several can go on at once as long as
/// nobody can tell that it was not one after the other.
///
/// Baskets of one member or of one store keep their order. An outage concerns the stores it
/// cuts off: it waits for the baskets before it of members who have been there or who come
/// there while it lasts, because their points may be there, or must get there; baskets after it
/// wait for it likewise. An outage of the hub waits for everything, and everything for it.
pub(crate) struct Timeline<'h> {
    history: &'h History,
    waiting: VecDeque<Event>,
    /// By household: the stores where it has been so far.
    visited: Vec<BTreeSet<usize>>,
    running: Vec<(Event, Concern)>,
}

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// A basket: its place in the history.
    Basket(usize),
    /// A line is cut, or heals.
    Turn {
        /// What happens.
        turn: Turn,
        /// When the line heals that is cut now.
        until_ms: u64,
    },
}

/// What an event has to do with.
#[derive(Debug, Default)]
struct Concern {
    /// Whose points.
    members: BTreeSet<usize>,
    /// The store of a basket.
    store: Option<usize>,
    /// Stores that know of the member.
    visited: BTreeSet<usize>,
    /// The store whose line turns.
    line: Option<usize>,
    /// Everybody.
    all: bool,
}

/// How many events ahead one is looked for that can begin.
const LOOK_AHEAD: usize = 160;

impl<'h> Timeline<'h> {
    pub(crate) fn new(history: &'h History, plan: &OutagePlan) -> Self {
        let baskets = history.baskets.iter().enumerate();
        let mut events: Vec<(u64, Event)> =
            baskets.map(|(place, basket)| (basket.at_ms, Event::Basket(place))).collect();
        for (place, turn) in plan.turns.iter().enumerate() {
            let heals = plan.turns[place..].iter().find(|later| later.site == turn.site && later.up);
            let until_ms = heals.map_or(u64::MAX, |heals| heals.at_ms);
            events.push((turn.at_ms, Event::Turn { turn: *turn, until_ms }));
        }
        // Lines turn ahead of the baskets of the same moment.
        events.sort_by_key(|(at_ms, event)| (*at_ms, matches!(event, Event::Basket(_))));
        let waiting = events.into_iter().map(|(_, event)| event).collect();
        let visited = vec![BTreeSet::new(); history.households.len()];
        Self { history, waiting, visited, running: Vec::new() }
    }

    /// Takes the first event that can begin now, if `may_begin` lets it: it is under way until
    /// [`Timeline::end`] is told of it.
    pub(crate) fn begin(&mut self, may_begin: impl Fn(Event) -> bool) -> Option<Event> {
        let mut passed_over = Vec::new();
        for place in 0..self.waiting.len().min(LOOK_AHEAD) {
            let event = self.waiting[place];
            let concern = self.concern(event, &passed_over);
            let mut earlier = self.running.iter().map(|(_, concern)| concern).chain(&passed_over);
            if earlier.any(|earlier| earlier.is_before(&concern)) {
                if concern.all {
                    return None;
                }
                passed_over.push(concern);
                continue;
            }
            if !may_begin(event) {
                return None;
            }
            self.waiting.remove(place);
            self.running.push((event, concern));
            return Some(event);
        }
        None
    }

    /// An event is over.
    pub(crate) fn end(&mut self, event: Event) {
        self.running.retain(|(running, _)| *running != event);
        if let Event::Basket(place) = event {
            let basket = &self.history.baskets[place];
            self.visited[basket.household].insert(basket.store);
        }
    }

    /// The baskets of a store that come while its line is cut; of all stores if it is the hub's.
    pub(crate) fn visits(&self, turn: Turn, until_ms: u64) -> impl Iterator<Item = &Basket> {
        let baskets = &self.history.baskets;
        let from = baskets.partition_point(|basket| basket.at_ms < turn.at_ms);
        let to = baskets.partition_point(|basket| basket.at_ms < until_ms);
        let concerned = move |store| turn.site == Site::Hub || turn.site == Site::Store(store);
        baskets[from..to].iter().filter(move |basket| concerned(basket.store))
    }

    /// What an event has to do with, those before it that still wait included.
    fn concern(&self, event: Event, passed_over: &[Concern]) -> Concern {
        match event {
            Event::Basket(place) => {
                let basket = &self.history.baskets[place];
                let same = passed_over.iter().filter(|it| it.members.contains(&basket.household));
                let mut visited: BTreeSet<usize> = same.filter_map(|it| it.store).collect();
                visited.extend(&self.visited[basket.household]);
                visited.insert(basket.store);
                let members = BTreeSet::from([basket.household]);
                Concern { members, store: Some(basket.store), visited, ..Concern::default() }
            }
            Event::Turn { turn: Turn { site: Site::Hub, .. }, .. } => {
                Concern { all: true, ..Concern::default() }
            }
            Event::Turn { turn: turn @ Turn { site: Site::Store(store), .. }, until_ms } => {
                let visits = if turn.up { None } else { Some(self.visits(turn, until_ms)) };
                let members = visits.into_iter().flatten().map(|basket| basket.household).collect();
                Concern { members, line: Some(store), ..Concern::default() }
            }
        }
    }
}

impl Concern {
    /// Whether `later` has to wait until this is over.
    fn is_before(&self, later: &Self) -> bool {
        let crosses =
            |line: &Self, other: &Self| line.line.is_some_and(|store| other.visited.contains(&store));
        self.all
            || later.all
            || self.store.is_some() && self.store == later.store
            || self.line.is_some() && self.line == later.line
            || crosses(self, later)
            || crosses(later, self)
            || !self.members.is_disjoint(&later.members)
    }
}
