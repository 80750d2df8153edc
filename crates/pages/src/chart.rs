//! Pictures of figures, as SVG without styles of their own: colours and fonts are the stylesheet's.

use maud::{Markup, html};

/// One bar.
pub(crate) struct Bar {
    /// What stands under it, or before it.
    pub(crate) label: String,
    /// How long it is.
    pub(crate) value: i64,
    /// The figure as people read it.
    pub(crate) shown: String,
    /// Whether it is the one to look at.
    pub(crate) is_marked: bool,
}

/// How much room a picture has. Letters are as large in both.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Room {
    /// As wide as its card.
    Whole,
    /// Half of it.
    Half,
}

/// The picture is so high, whatever the screen makes of it.
const HEIGHT: i64 = 200;
/// Room for the labels below, and for the greatest figure above.
const BELOW: i64 = 24;
const ABOVE: i64 = 26;
/// A letter of the scale's figures, about.
const LETTER: i64 = 9;
const GAP: i64 = 8;
/// Labels closer together run into each other.
const LABEL_WIDTH: i64 = 44;

/// Where a picture's values stand: between these two, which have round figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scale {
    top: i64,
    bottom: i64,
}

/// Upright bars, one for each day or hour, those below zero under the line, with a scale and the greatest figure
/// written out. What the picture says stands in a table below it too.
pub(crate) fn upright(title: &str, bars: &[Bar], room: Room, figure: fn(i64) -> String) -> Markup {
    let scale = Scale::of(bars);
    let width = room.width();
    let longest = scale.lines().iter().map(|line| letters(&figure(*line))).max();
    let left = longest.unwrap_or(0) * LETTER + GAP;
    let step = ((width - left) / count(bars.len().max(1))).max(1);
    let bar_width = (step * 7 / 10).max(1);
    let every = (LABEL_WIDTH / step + 1).max(1);
    let most = bars.iter().map(|bar| bar.value).max().filter(|most| *most > 0);
    let top = most.and_then(|most| bars.iter().position(|bar| bar.value == most));
    html! {
        figure .chart {
            figcaption { (title) }
            svg viewBox={ "0 0 " (width) " " (HEIGHT) } role="img" aria-label=(title) {
                @for line in scale.lines() {
                    line .axis .zero[line == 0] x1=(left) x2=(width) y1=(scale.y(line)) y2=(scale.y(line)) {}
                    text .scale x="0" y=(scale.y(line) + 4) { (figure(line)) }
                }
                @for (place, bar) in bars.iter().enumerate() {
                    @let place = count(place);
                    @let x = left + place * step;
                    @let (from, to) = (scale.y(bar.value.max(0)), scale.y(bar.value.min(0)));
                    rect .bar .marked[bar.is_marked] .below[bar.value < 0] x=(x) y=(from) width=(bar_width) height=(to - from) rx="2" {
                        title { (bar.label) ": " (bar.shown) }
                    }
                    @if place % every == 0 || bar.is_marked && place % every > every / 2 {
                        text .label x=(x + bar_width / 2) y=(HEIGHT - 6) { (bar.label) }
                    }
                    @if top.map(count) == Some(place) {
                        text .top .first[place == 0] .last[x + 2 * LABEL_WIDTH > width] x=(x + bar_width / 2) y=(from - 6) { (bar.shown) }
                    }
                }
            }
            (table(bars))
        }
    }
}

/// Bars that lie, one for each store or person, the figure beside it.
pub(crate) fn lying(title: &str, bars: &[Bar]) -> Markup {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    html! {
        figure .chart {
            figcaption { (title) }
            dl .lying {
                @for bar in bars {
                    dt { (bar.label) }
                    dd {
                        // Length by presentation attributes: no style stands in a page.
                        svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                            rect .bar .marked[bar.is_marked] x="0" y="0" height="8" width=(permille(bar.value, most)) {} }
                        span .figure { (bar.shown) }
                    }
                }
            }
        }
    }
}

impl Room {
    fn width(self) -> i64 {
        match self {
            Room::Whole => 720,
            Room::Half => 360,
        }
    }
}

impl Scale {
    fn of(bars: &[Bar]) -> Self {
        let values = || bars.iter().map(|bar| bar.value);
        let (most, least) = (values().max().unwrap_or(0).max(0), values().min().unwrap_or(0).min(0));
        Self { top: rounded_up(most), bottom: -rounded_up(least.saturating_neg()) }
    }

    /// The values at which a line is drawn: zero, both ends, and half of the greater.
    fn lines(self) -> Vec<i64> {
        let mut lines = vec![0, self.top, self.top / 2, self.bottom];
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    fn y(self, value: i64) -> i64 {
        let floor = HEIGHT - BELOW;
        let height = i128::from(self.top) - i128::from(self.bottom);
        let above = i128::from(value.clamp(self.bottom, self.top)) - i128::from(self.bottom);
        let above = above * i128::from(floor - ABOVE) / height.max(1);
        floor - i64::try_from(above).unwrap_or(0)
    }
}

/// The next figure with one digit other than zero, an even one: half of it is round too.
fn rounded_up(value: i64) -> i64 {
    let mut unit = 1_i64;
    while value > unit.saturating_mul(10) {
        unit = unit.saturating_mul(10);
    }
    let digits = value.div_euclid(unit) + i64::from(value % unit > 0);
    unit.saturating_mul(digits + digits % 2)
}

/// A share of a hundred with one decimal, for the width of a bar.
fn permille(value: i64, most: i64) -> String {
    let tenths = i128::from(value.max(0)) * 1_000 / i128::from(most.max(1));
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn table(bars: &[Bar]) -> Markup {
    html! {
        div .hidden { table { tbody { @for bar in bars { tr { th scope="row" { (bar.label) } td { (bar.shown) } } } } } }
    }
}

fn letters(text: &str) -> i64 {
    count(text.chars().count())
}

fn count(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, value: i64) -> Bar {
        Bar { label: label.into(), value, shown: value.to_string(), is_marked: false }
    }

    fn drawn(bars: &[Bar]) -> String {
        upright("sales", bars, Room::Half, |value| value.to_string()).into_string()
    }

    #[test]
    fn bars_are_in_proportion_and_stay_in_the_picture() {
        let svg = drawn(&[bar("1", 50), bar("2", 100)]);
        assert!(svg.contains("height=\"75\"") && svg.contains("height=\"150\""), "{svg}");
        assert!(!svg.contains("style="), "{svg}");
        let many: Vec<Bar> = (0..31).map(|day| bar(&day.to_string(), i64::MAX)).collect();
        assert!(drawn(&many).contains("<rect"));
        assert!(drawn(&[]).contains("<svg"));
    }

    #[test]
    fn what_is_below_zero_hangs_from_the_line() {
        let svg = drawn(&[bar("1", 100), bar("2", -100)]);
        let zero = 200 - 24 - 75;
        assert!(svg.contains(&format!("y=\"{zero}\" width=\"110\" height=\"75\"")), "{svg}");
        assert!(svg.contains("class=\"bar below\"") && svg.contains(">-100</text>"), "{svg}");
    }

    #[test]
    fn the_scale_has_round_figures_zero_and_half() {
        let lines = |values: &[i64]| {
            Scale::of(&values.iter().map(|value| bar("", *value)).collect::<Vec<_>>()).lines()
        };
        assert_eq!(lines(&[1_234_500, 17]), [0, 1_000_000, 2_000_000]);
        assert_eq!(lines(&[90, -47_142]), [-60_000, 0, 50, 100]);
        assert_eq!((lines(&[]), lines(&[1])), (vec![0], vec![0, 1, 2]));
        assert_eq!(lines(&[i64::MIN, i64::MAX]).len(), 4);
    }

    #[test]
    fn lying_bars_are_shares_of_the_longest() {
        let svg = lying("staff", &[bar("li", 1), bar("wu", 3)]).into_string();
        assert!(svg.contains("width=\"33.3\"") && svg.contains("width=\"100.0\""), "{svg}");
    }
}
