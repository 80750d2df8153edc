use purser_types::Digest;
use rusqlite::types::ValueRef;

use crate::{Database, StorageError, schema::DERIVED};

impl Database {
    /// Empties every table that is derived from the entries.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn clear_derived(&self) -> Result<(), StorageError> {
        for table in DERIVED {
            self.connection.execute(&format!("DELETE FROM {table}"), [])?;
        }
        Ok(())
    }

    /// A hash of each derived table, all rows and columns in the order of the primary key:
    /// equal before and after the tables are folded anew from the entries.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn derived_fingerprint(&self) -> Result<Vec<(&'static str, Digest)>, StorageError> {
        DERIVED
            .into_iter()
            .map(|table| Ok((table, self.fingerprint(&format!("SELECT * FROM {table}"))?)))
            .collect()
    }

    /// A hash of what every replica with the same entries must agree on: journals, rights,
    /// sales and profiles, with authors named by their replica ids.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn agreed_fingerprint(&self) -> Result<Digest, StorageError> {
        let parts: Vec<Digest> = AGREED.iter().map(|sql| self.fingerprint(sql)).collect::<Result<_, _>>()?;
        let parts: Vec<&[u8]> = parts.iter().map(|digest| digest.0.as_slice()).collect();
        Ok(Digest::in_context("purser 2026 replica digest", &parts))
    }

    fn fingerprint(&self, sql: &str) -> Result<Digest, StorageError> {
        let mut query = self.connection.prepare(sql)?;
        let columns = query.column_count();
        let mut rows = query.query([])?;
        let mut bytes = Vec::new();
        let mut digest = Digest::of(sql.as_bytes());
        while let Some(row) = rows.next()? {
            bytes.clear();
            for column in 0..columns {
                append(&mut bytes, row.get_ref(column)?);
            }
            digest = Digest::in_context("purser 2026 row", &[&digest.0, &bytes]);
        }
        Ok(digest)
    }
}

const AGREED: [&str; 13] = [
    "SELECT replica, head_seq, head_hash FROM authors WHERE head_seq > 0 ORDER BY replica",
    "SELECT member, asset, which, expires, replica, available, held, advanced
     FROM shares JOIN authors USING (author) ORDER BY member, asset, which, expires, replica",
    "SELECT hold, member, asset, which, expires, replica, amount, deadline_ms, captured
     FROM holds JOIN authors USING (author) ORDER BY 1, 2, 3, 4, 5",
    "SELECT offer, member, asset, which, expires, receiver, replica, offered, accepted
     FROM offers LEFT JOIN authors ON author = giver ORDER BY 1, 2, 3, 4, 5, 6",
    "SELECT replica, asset, credited, debited, clawed_back, offered, accepted, held
     FROM totals JOIN authors USING (author) ORDER BY replica, asset",
    "SELECT date, replica, by_whom, sales, gross_fen, off_fen, discount_fen, stored_value_fen, taken_fen, points_earned,
     points_redeemed, returns, returned_fen, topped_up_fen, passes_fen, rewards, members
     FROM figures JOIN authors USING (author) ORDER BY date, replica, by_whom",
    "SELECT * FROM members ORDER BY member",
    "SELECT * FROM merges ORDER BY member",
    "SELECT * FROM cards ORDER BY card, member",
    "SELECT version, replica, seq, in_force_from, hash
     FROM programmes JOIN authors USING (author) ORDER BY version, replica, seq",
    "SELECT top_up, replica, seq, place, date, wall_ms, counter, member, seller, principal
     FROM top_ups JOIN authors USING (author) ORDER BY top_up, replica, seq, place",
    "SELECT * FROM accounts ORDER BY name, store",
    "SELECT wall_ms, replica, seq, place, by_whom, act, about
     FROM acts JOIN authors USING (author) ORDER BY wall_ms, replica, seq, place",
];

/// Appends a value with its type and length, so that no two rows read alike.
fn append(bytes: &mut Vec<u8>, value: ValueRef<'_>) {
    let (kind, content): (u8, &[u8]) = match value {
        ValueRef::Null => (0, &[]),
        ValueRef::Integer(number) => {
            bytes.push(1);
            bytes.extend_from_slice(&number.to_le_bytes());
            return;
        }
        ValueRef::Real(number) => {
            bytes.push(2);
            bytes.extend_from_slice(&number.to_bits().to_le_bytes());
            return;
        }
        ValueRef::Text(text) => (3, text),
        ValueRef::Blob(blob) => (4, blob),
    };
    bytes.push(kind);
    bytes.extend_from_slice(&(content.len() as u64).to_le_bytes());
    bytes.extend_from_slice(content);
}
