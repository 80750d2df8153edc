use purser_types::ReplicaId;

/// The rights of one member: how many of them each replica holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Purse {
    held: Vec<(ReplicaId, i64)>,
}

impl Purse {
    /// What each holds.
    pub(super) fn held(&self) -> &[(ReplicaId, i64)] {
        &self.held
    }

    /// What one replica holds.
    pub(super) fn at(&self, replica: ReplicaId) -> i64 {
        self.held.iter().find(|(at, _)| *at == replica).map_or(0, |(_, amount)| *amount)
    }

    /// Adds to what one holds; takes away what is below zero.
    pub(super) fn add(&mut self, replica: ReplicaId, amount: i64) {
        match self.held.iter_mut().find(|(at, _)| *at == replica) {
            Some((_, sum)) => *sum += amount,
            None => self.held.push((replica, amount)),
        }
        self.held.retain(|(_, amount)| *amount != 0);
    }

    /// What all hold.
    pub(super) fn total(&self) -> i64 {
        self.held.iter().map(|(_, amount)| amount).sum()
    }

    /// What can be had of those that `may_give`.
    pub(super) fn of(&self, may_give: impl Fn(ReplicaId) -> bool) -> i64 {
        let giving = self.held.iter().filter(|(at, _)| may_give(*at));
        giving.map(|(_, amount)| (*amount).max(0)).sum()
    }

    /// Who gives how much when `wanted` are asked for: `first`, then those who hold most.
    pub(super) fn givers(
        &self,
        wanted: i64,
        first: ReplicaId,
        may_give: impl Fn(ReplicaId) -> bool,
    ) -> Vec<(ReplicaId, i64)> {
        let giving = self.held.iter().filter(|(at, amount)| *amount > 0 && may_give(*at));
        let mut holders: Vec<(ReplicaId, i64)> = giving.copied().collect();
        holders.sort_by_key(|(at, amount)| (*at != first, std::cmp::Reverse(*amount), *at));
        let mut missing = wanted;
        let mut given = Vec::new();
        for (holder, amount) in holders {
            let part = amount.min(missing);
            if part > 0 {
                missing -= part;
                given.push((holder, part));
            }
        }
        given
    }
}
