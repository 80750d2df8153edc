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

/// The picture is so wide, whatever the screen makes of it.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 200;
/// Room for the figures at the side, and for the labels below.
const LEFT: i64 = 4;
const BELOW: i64 = 24;
const ABOVE: i64 = 22;
/// Labels closer together run into each other.
const LABEL_WIDTH: i64 = 44;

/// Upright bars, one for each day or hour, with the greatest figure written out. What the picture says stands in a
/// table below it too.
pub(crate) fn upright(title: &str, bars: &[Bar]) -> Markup {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    let step = (WIDTH - LEFT) / as_i64(bars.len().max(1));
    let width = (step * 7 / 10).max(1);
    let floor = HEIGHT - BELOW;
    let tall = |value: i64| {
        i64::try_from(i128::from(value.max(0)) * i128::from(floor - ABOVE) / i128::from(most)).unwrap_or(0)
    };
    let every = (LABEL_WIDTH / step.max(1) + 1).max(1);
    let top = bars.iter().position(|bar| bar.value == most);
    html! {
        figure .chart {
            figcaption { (title) }
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(title) {
                line .axis x1="0" x2=(WIDTH) y1=(floor) y2=(floor) {}
                @for (place, bar) in bars.iter().enumerate() {
                    @let x = LEFT + as_i64(place) * step;
                    @let height = tall(bar.value);
                    rect .bar .marked[bar.is_marked] x=(x) y=(floor - height) width=(width) height=(height) rx="2" {
                        title { (bar.label) ": " (bar.shown) }
                    }
                    @if as_i64(place) % every == 0 || bar.is_marked && as_i64(place) % every > every / 2 {
                        text .label x=(x + width / 2) y=(HEIGHT - 6) { (bar.label) }
                    }
                    @if top == Some(place) {
                        text .top .first[place == 0] .last[x + LABEL_WIDTH > WIDTH] x=(x + width / 2) y=(floor - height - 6) { (bar.shown) }
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

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, value: i64) -> Bar {
        Bar { label: label.into(), value, shown: value.to_string(), is_marked: false }
    }

    #[test]
    fn bars_are_in_proportion_and_stay_in_the_picture() {
        let svg = upright("sales", &[bar("1", 50), bar("2", 100), bar("3", -7)]).into_string();
        assert!(
            svg.contains("height=\"77\"") && svg.contains("height=\"154\"") && svg.contains("height=\"0\""),
            "{svg}"
        );
        assert!(!svg.contains("style="), "{svg}");
        let many: Vec<Bar> = (0..31).map(|day| bar(&day.to_string(), i64::MAX)).collect();
        assert!(upright("sales", &many).into_string().contains("height=\"154\""));
        assert!(upright("nothing", &[]).into_string().contains("<svg"));
    }

    #[test]
    fn lying_bars_are_shares_of_the_longest() {
        let svg = lying("staff", &[bar("li", 1), bar("wu", 3)]).into_string();
        assert!(svg.contains("width=\"33.3\"") && svg.contains("width=\"100.0\""), "{svg}");
    }
}
