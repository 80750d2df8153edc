use std::collections::BTreeMap;

/// How often each situation was reached: faults that happened, alarms that were raised, refusals that
/// tills got. A run that never came where it was dangerous has shown nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(BTreeMap<&'static str, u64>);

impl Marks {
    /// One more of them.
    pub fn note(&mut self, mark: &'static str) {
        *self.0.entry(mark).or_default() += 1;
    }

    /// How many there were.
    pub fn of(&self, mark: &str) -> u64 {
        self.0.get(mark).copied().unwrap_or(0)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(mark, count)| (*mark, *count))
    }

    /// Adds those of another run.
    pub fn add(&mut self, other: &Self) {
        for (mark, count) in other.iter() {
            *self.0.entry(mark).or_default() += count;
        }
    }
}
