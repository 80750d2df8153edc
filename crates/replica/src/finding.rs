//! Finding members, by whatever is known of them.

use purser_storage::{MemberRow, StorageError};
use purser_types::MemberId;

use crate::View;

impl View {
    /// Members by exact phone number, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn by_phone(&self, phone: &str, after: MemberId, limit: u32) -> Result<Vec<MemberRow>, StorageError> {
        self.database().members_by_phone(phone, after, limit)
    }

    /// Members by the last four digits of the phone number, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn by_phone_end(
        &self,
        end: &str,
        after: MemberId,
        limit: u32,
    ) -> Result<Vec<MemberRow>, StorageError> {
        self.database().members_by_phone_end(end, after, limit)
    }

    /// Members by the beginning of the name, in order of names, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn by_name(
        &self,
        beginning: &str,
        after: Option<(&str, MemberId)>,
        limit: u32,
    ) -> Result<Vec<MemberRow>, StorageError> {
        self.database().members_by_name(beginning, after, limit)
    }

    /// Members by the beginning of their initials in pinyin, in order of initials, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn by_initials(
        &self,
        beginning: &str,
        after: Option<(&str, MemberId)>,
        limit: u32,
    ) -> Result<Vec<MemberRow>, StorageError> {
        self.database().members_by_initials(beginning, after, limit)
    }

    /// Members with values that somebody has to settle, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn conflicted(&self, after: MemberId, limit: u32) -> Result<Vec<MemberRow>, StorageError> {
        self.database().members_conflicted(after, limit)
    }

    /// Members who share a phone number, number by number: the same person twice, or a family. At most `limit`
    /// numbers, and ten members of each.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn alike(&self, limit: u32) -> Result<Vec<Vec<MemberRow>>, StorageError> {
        let mut alike = Vec::new();
        for phone in self.database().phones_shared("", limit)? {
            let mut people = Vec::new();
            let mut rows = self.database().members_by_phone(&phone, MemberId::CHAIN, 10)?;
            for row in &rows {
                people.push(self.person(row.member)?);
            }
            // Those who were merged are one.
            let mut places = people.iter().enumerate();
            rows.retain(|_| places.next().is_none_or(|(place, person)| !people[..place].contains(person)));
            if rows.len() > 1 {
                alike.push(rows);
            }
        }
        Ok(alike)
    }

    /// All members in the order of their ids, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn members(&self, after: MemberId, limit: u32) -> Result<Vec<MemberRow>, StorageError> {
        self.database().members_after(after, limit)
    }
}
