//! The sum of it all, and how long it took.

use std::time::Duration;

use super::{report::Story, run::Run};

/// What tills of this kind accept on average.
const AVERAGE_MAX: Duration = Duration::from_millis(500);
/// And at most: then they count it as lost, and ask again.
const LONGEST_MAX: Duration = Duration::from_secs(5);

pub(super) fn play(run: &mut Run) -> Option<()> {
    run.check_balance("end: the balance is the sum of all that was done");
    let took = run.till.took();
    let times = Times::of(took)?;
    let told = times.told();
    if times.longest > LONGEST_MAX {
        let expected = format!("at most {} ms", LONGEST_MAX.as_millis());
        let story = Story { fault: "too slow", sent: &"all requests", expected: &expected, came: &told };
        run.report.fail("latency: the longest", &story);
    } else {
        run.report.pass("latency: the longest", &told);
    }
    if times.average > AVERAGE_MAX {
        run.report
            .warn(format_args!("latency: {told}; tills expect {} ms on average", AVERAGE_MAX.as_millis()));
    }
    Some(())
}

/// How long answers took.
#[derive(Debug, PartialEq, Eq)]
struct Times {
    count: usize,
    average: Duration,
    p50: Duration,
    p95: Duration,
    longest: Duration,
}

impl Times {
    /// Of some; nothing of none.
    fn of(mut took: Vec<Duration>) -> Option<Self> {
        took.sort_unstable();
        let count = took.len();
        // Nearest rank: the smallest that so many in a hundred do not exceed.
        let rank = |percent: usize| took.get((count * percent).div_ceil(100).saturating_sub(1)).copied();
        let average = took.iter().sum::<Duration>().checked_div(u32::try_from(count).ok()?)?;
        Some(Self { count, average, p50: rank(50)?, p95: rank(95)?, longest: *took.last()? })
    }

    fn told(&self) -> String {
        let [p50, p95, average, longest] = [self.p50, self.p95, self.average, self.longest].map(in_ms);
        let count = self.count;
        format!("{count} answers: p50 {p50}, p95 {p95}, average {average}, longest {longest}")
    }
}

fn in_ms(time: Duration) -> String {
    let tenths = time.as_micros() / 100;
    format!("{}.{} ms", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let ms = Duration::from_millis;
        let times = Times::of((1..=100).rev().map(ms).collect()).unwrap();
        assert_eq!((times.p50, times.p95, times.longest), (ms(50), ms(95), ms(100)));
        assert_eq!(times.average, Duration::from_micros(50_500));
        let one = Times::of(vec![ms(7)]).unwrap();
        assert_eq!((one.p50, one.p95, one.average), (ms(7), ms(7), ms(7)));
        assert_eq!(Times::of(Vec::new()), None);
    }
}
