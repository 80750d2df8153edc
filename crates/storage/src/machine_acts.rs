use crate::{
    ActRow, AuthorNumber, Database, StorageError,
    columns::signed,
    staff::{ACT, read_act},
};

/// What a replica notes of itself, by nobody's hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineAct {
    /// The line to the hubs is back; for how many seconds there was none.
    LineBack,
    /// It runs by another version of Purser than before; which.
    Started,
    /// It has raised an alarm; the alarm's code.
    Alarm,
}

impl MachineAct {
    /// What the act is called in the journal.
    pub const fn name(self) -> &'static str {
        match self {
            MachineAct::LineBack => "line_back",
            MachineAct::Started => "started",
            MachineAct::Alarm => "alarm",
        }
    }
}

impl Database {
    /// What an author has noted of itself since `from_ms`, the latest first, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn machine_acts(
        &self,
        author: AuthorNumber,
        act: MachineAct,
        from_ms: u64,
        limit: u32,
    ) -> Result<Vec<ActRow>, StorageError> {
        let mut query = self.connection.prepare_cached(&machine_acts_sql(act))?;
        query.query_and_then((author.0, signed(from_ms), limit), read_act)?.collect()
    }
}

/// The act stands in the text, not in a parameter: only so does SQLite know that the partial index holds it.
fn machine_acts_sql(act: MachineAct) -> String {
    format!(
        "SELECT {ACT} FROM acts WHERE act = '{}' AND author = ?1 AND wall_ms >= ?2
         ORDER BY wall_ms DESC, seq DESC, place DESC LIMIT ?3",
        act.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_of_machines_are_found_by_their_index() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        crate::schema::migrate(&connection).unwrap();
        for act in [MachineAct::LineBack, MachineAct::Started, MachineAct::Alarm] {
            let mut plan =
                connection.prepare(&format!("EXPLAIN QUERY PLAN {}", machine_acts_sql(act))).unwrap();
            let steps = plan.query_map((1, 0, 1), |row| row.get::<_, String>(3)).unwrap();
            let steps: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
            assert_eq!(steps.len(), 1, "nothing is sorted: {steps:?}");
            assert!(steps[0].contains("acts_of_machines (author=? AND act=? AND wall_ms>?)"), "{steps:?}");
        }
    }
}
