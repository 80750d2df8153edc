//! Finding members, by whatever is known of them.

use purser_storage::{MemberRow, StorageError};
use purser_types::MemberId;

use crate::View;

/// Shared phone numbers that are looked at, and how many at once.
const LOOKED_AT: u32 = 2_000;
const AT_ONCE: u32 = 100;

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
        let (mut alike, mut last) = (Vec::new(), String::new());
        for _ in 0..LOOKED_AT / AT_ONCE {
            let phones = self.database().phones_shared(&last, AT_ONCE)?;
            let Some(end) = phones.last() else { break };
            last.clone_from(end);
            for phone in phones {
                alike.extend(self.alike_by(&phone)?);
                if alike.len() >= limit as usize {
                    return Ok(alike);
                }
            }
        }
        Ok(alike)
    }

    /// Different people with this phone number, if there are several: those who were merged are one.
    fn alike_by(&self, phone: &str) -> Result<Option<Vec<MemberRow>>, StorageError> {
        let (mut people, mut rows) = (Vec::new(), Vec::new());
        for row in self.database().members_by_phone(phone, MemberId::CHAIN, 10)? {
            let person = self.person(row.member)?;
            if !people.contains(&person) {
                people.push(person);
                rows.push(row);
            }
        }
        Ok(Some(rows).filter(|rows| rows.len() > 1))
    }

    /// All members in the order of their ids, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn members(&self, after: MemberId, limit: u32) -> Result<Vec<MemberRow>, StorageError> {
        self.database().members_after(after, limit)
    }
}
