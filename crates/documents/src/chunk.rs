//! Bounds what a change can expand to, by walking over its bytes before Automerge does.
//!
//! A change chunk is: magic, checksum (4 bytes), type, length, and then the dependencies,
//! actor, sequence number, first operation, time, message, other actors, a table of columns
//! and the columns. Columns are run-length encoded: ten bytes can stand for 2^60 operations
//! that Automerge would go through one by one, or for a list of as many replaced values.
//! (Format: automerge.org/automerge-binary-format-spec.)

use crate::ChangeFault;

/// The size of one change. A full profile of 11 fields at their longest is about 30 KiB.
pub(crate) const CHANGE_BYTES_MAX: usize = 64 * 1024;
/// The keys that one change may write.
pub(crate) const OPERATIONS_MAX: u64 = 256;
/// The values that one change may replace, over all keys.
const REPLACED_MAX: u64 = 4 * 1024;
/// The concurrent changes that one change may follow. As many replicas would have to edit
/// one member without seeing each other.
const DEPENDENCIES_MAX: u64 = 512;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE: u8 = 1;
const COMPRESSED_CHANGE: u8 = 2;

/// The columns that a map of scalars needs. Everything else belongs to lists, texts, marks
/// and nested objects, which profiles do not have.
mod column {
    pub(super) const KEY: u64 = 0x15;
    pub(super) const ACTION: u64 = 0x42;
    pub(super) const REPLACED_COUNT: u64 = 0x70;
    pub(super) const REPLACED_ACTOR: u64 = 0x71;
    /// Insert flag, kind of value, value, number of the replaced operation: read along with
    /// the others, and no further.
    pub(super) const UNWEIGHED: [u64; 4] = [0x34, 0x56, 0x57, 0x73];
}

/// Refuses a chunk that is not one uncompressed change within the bounds.
pub(crate) fn check_bounds(chunk: &[u8]) -> Result<(), ChangeFault> {
    if chunk.len() > CHANGE_BYTES_MAX {
        return Err(ChangeFault::TooLarge);
    }
    let mut rest = Walk(chunk);
    let magic = rest.take(4)?;
    let _checksum = rest.take(4)?;
    let kind = rest.byte()?;
    let len = rest.unsigned()?;
    if kind == COMPRESSED_CHANGE {
        return Err(ChangeFault::Compressed);
    }
    if magic != MAGIC || kind != CHANGE || len != rest.0.len() as u64 {
        return Err(ChangeFault::Unreadable);
    }
    let other_actors = skip_head(&mut rest)?;
    check_columns(&mut rest, other_actors)
}

/// Goes up to the columns, and says how many actors are named beside the author.
fn skip_head(rest: &mut Walk<'_>) -> Result<u64, ChangeFault> {
    for _ in 0..at_most(DEPENDENCIES_MAX, rest.unsigned()?)? {
        rest.take(32)?;
    }
    let _actor = rest.prefixed()?;
    let _sequence = rest.unsigned()?;
    let _first_operation = rest.unsigned()?;
    let _time = rest.signed()?;
    let _message = rest.prefixed()?;
    let other_actors = at_most(REPLACED_MAX, rest.unsigned()?)?;
    for _ in 0..other_actors {
        let _other_actor = rest.prefixed()?;
    }
    Ok(other_actors)
}

fn check_columns(rest: &mut Walk<'_>, other_actors: u64) -> Result<(), ChangeFault> {
    let mut columns = Vec::new();
    for _ in 0..rest.unsigned()? {
        let (kind, len) = (rest.unsigned()?, rest.unsigned()?);
        if columns.last().is_some_and(|&(last, _)| last >= kind) {
            return Err(ChangeFault::Unreadable);
        }
        columns.push((kind, len));
    }
    // Automerge panics where an actor is not in its table, in which the author is 0.
    let known_actor = |walk: &mut Walk<'_>| match walk.unsigned()? {
        actor if actor <= other_actors => Ok(actor),
        _ => Err(ChangeFault::Unreadable),
    };
    for (kind, len) in columns {
        let column = Walk(rest.take(len)?);
        let (parts, parts_max) = match kind {
            // Automerge reserves the length of a key before it looks whether so much is left.
            column::KEY => (column.run_lengths(Walk::prefixed, |_| 1)?, OPERATIONS_MAX),
            column::ACTION => (column.run_lengths(Walk::unsigned, |_| 1)?, OPERATIONS_MAX),
            column::REPLACED_COUNT => (column.run_lengths(Walk::unsigned, |count| count)?, REPLACED_MAX),
            column::REPLACED_ACTOR => (column.run_lengths(known_actor, |_| 1)?, REPLACED_MAX),
            _ if column::UNWEIGHED.contains(&kind) => continue,
            _ => return Err(ChangeFault::UnknownForm),
        };
        at_most(parts_max, parts)?;
    }
    Ok(())
}

fn at_most(max: u64, count: u64) -> Result<u64, ChangeFault> {
    if count > max { Err(ChangeFault::TooManyParts) } else { Ok(count) }
}

/// What is left of the bytes.
struct Walk<'a>(&'a [u8]);

impl<'a> Walk<'a> {
    fn take(&mut self, len: u64) -> Result<&'a [u8], ChangeFault> {
        let split = usize::try_from(len).ok().and_then(|len| self.0.split_at_checked(len));
        let (taken, rest) = split.ok_or(ChangeFault::Unreadable)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, ChangeFault> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn prefixed(&mut self) -> Result<&'a [u8], ChangeFault> {
        let len = self.unsigned()?;
        self.take(len)
    }

    fn unsigned(&mut self) -> Result<u64, ChangeFault> {
        self.leb128().map(|(value, _)| value)
    }

    fn signed(&mut self) -> Result<i64, ChangeFault> {
        let (value, bits) = self.leb128()?;
        let unused = 64 - bits.min(64);
        Ok((value << unused).cast_signed() >> unused)
    }

    /// The bits of a LEB128 number and how many they are.
    fn leb128(&mut self) -> Result<(u64, u32), ChangeFault> {
        let mut value = 0;
        for bits in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << bits;
            if byte & 0x80 == 0 {
                return Ok((value, bits + 7));
            }
        }
        Err(ChangeFault::Unreadable)
    }

    /// The sum of `weight` over all items of a run-length encoded column, without going
    /// through them: nulls weigh nothing, a run weighs its length times its item.
    fn run_lengths<T>(
        mut self,
        item: impl Fn(&mut Walk<'a>) -> Result<T, ChangeFault>,
        weight: impl Fn(T) -> u64,
    ) -> Result<u64, ChangeFault> {
        let mut sum = 0u64;
        while !self.0.is_empty() {
            match self.signed()? {
                0 => {
                    let _nulls = self.unsigned()?;
                }
                run @ 1.. => {
                    let one = weight(item(&mut self)?);
                    sum = sum.saturating_add(one.saturating_mul(run.unsigned_abs()));
                }
                literals => {
                    for _ in 0..literals.unsigned_abs() {
                        sum = sum.saturating_add(weight(item(&mut self)?));
                    }
                }
            }
        }
        Ok(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_are_read() {
        assert_eq!(Walk(&[0xe5, 0x8e, 0x26]).unsigned(), Ok(624_485));
        assert_eq!(Walk(&[0x80, 0x7f]).signed(), Ok(-128));
        assert_eq!(Walk(&[0x7f]).signed(), Ok(-1));
        let min = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];
        assert_eq!(Walk(&min).signed(), Ok(i64::MIN));
        assert_eq!(Walk(&[0xff; 11]).unsigned(), Err(ChangeFault::Unreadable));
        assert_eq!(Walk(&[0x80]).unsigned(), Err(ChangeFault::Unreadable));
    }

    #[test]
    fn runs_are_weighed_without_going_through_them() {
        // A run of 3 × 5, literally 1 and 2, 100 nulls.
        let column = [3, 5, 0x7e, 1, 2, 0, 100];
        assert_eq!(Walk(&column).run_lengths(Walk::unsigned, |n| n), Ok(18));
        assert_eq!(Walk(&column).run_lengths(Walk::unsigned, |_| 1), Ok(5));
        let bomb = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f, 0xff, 0x7f];
        assert_eq!(Walk(&bomb).run_lengths(Walk::unsigned, |n| n), Ok(u64::MAX));
        let endless_literals = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 1];
        let read = Walk(&endless_literals).run_lengths(Walk::unsigned, |n| n);
        assert_eq!(read, Err(ChangeFault::Unreadable));
    }
}
