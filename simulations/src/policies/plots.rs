//! Pictures of a comparison. Colours are those of Okabe and Ito, which people who do not see all
//! colours can tell apart; every bar and line is named besides.

#![allow(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "coordinates of a picture: nothing is decided by them"
)]

use std::{error::Error, path::Path};

use plotters::{
    coord::{Shift, ranged1d::SegmentValue},
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use super::{
    comparison::{Mode, Outcome},
    outage::{Outage, Reach},
    report::{DAY, Report},
};

type Drawn = Result<(), Box<dyn Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const SIZE: (u32, u32) = (860, 440);
const COLOURS: [RGBColor; 5] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
];
const FONT: &str = "sans-serif";

/// Draws `served.svg`, `lengths.svg` and `cost.svg` into a folder.
pub(super) fn draw(report: &Report, folder: &Path) -> Drawn {
    served(report, &folder.join("served.svg"))?;
    lengths(report, &folder.join("lengths.svg"))?;
    cost(report, &folder.join("cost.svg"))
}

fn share(outcome: &Outcome, outage: Outage, mode: Mode) -> f64 {
    let (wishes, served) = outcome.served(outage, mode);
    100.0 * served as f64 / wishes.max(1) as f64
}

/// Bars in groups, one group for each policy.
fn served(report: &Report, path: &Path) -> Drawn {
    let modes = [Mode::Rights, Mode::OwnPoints, Mode::Carried, Mode::CarriedAndAllowance];
    let names = ["rights alone", "+ the basket's own points", "+ carried rights", "+ allowance"];
    let groups: Vec<(String, Vec<f64>)> = report
        .outcomes
        .iter()
        .map(|outcome| (outcome.policy.to_string(), modes.map(|mode| share(outcome, DAY, mode)).to_vec()))
        .collect();
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    let title = "One store cut off for a day: wishes served at once";
    bars(&root, title, "served, % of the wishes that could be", 100.0, &names, &groups)?;
    root.present()?;
    Ok(())
}

/// What lines up have to carry, and how often tills wait.
fn cost(report: &Report, path: &Path) -> Drawn {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    let (left, right) = root.split_horizontally(430);
    let groups = |value: &dyn Fn(&Outcome) -> f64| -> Vec<(String, Vec<f64>)> {
        report.outcomes.iter().map(|outcome| (outcome.policy.to_string(), vec![value(outcome)])).collect()
    };
    let waits = groups(&|it| 100.0 * it.traffic.asked as f64 / it.traffic.wishes.max(1) as f64);
    let visits = report.extent[2].max(1) as f64;
    let days = report.extent[3] as f64;
    let bytes = groups(&|it| report.cost_a_day(it)[2] as f64 / 10.0 * days / visits);
    bars(&left, "Lines up: tills that ask and wait", "% of the wishes", 100.0, &[], &waits)?;
    let most = bytes.iter().map(|(_, values)| values[0]).fold(1.0, f64::max);
    bars(&right, "Lines up: journals for moving rights", "bytes a visit", 1.25 * most, &[], &bytes)?;
    root.present()?;
    Ok(())
}

/// Bars in groups; `names` tell the bars of a group apart.
fn bars(
    root: &Area<'_>,
    title: &str,
    unit: &str,
    most: f64,
    names: &[&str],
    groups: &[(String, Vec<f64>)],
) -> Drawn {
    root.fill(&WHITE)?;
    let inner = groups.iter().map(|(_, values)| values.len()).max().unwrap_or(1);
    let names_of: Vec<&str> = groups.iter().map(|(name, _)| name.as_str()).collect();
    // Room above the bars for the legend.
    let top = if names.is_empty() { most } else { 1.28 * most };
    let mut chart = ChartBuilder::on(root)
        .caption(title, (FONT, 17))
        .margin(10)
        .x_label_area_size(44)
        .y_label_area_size(54)
        .build_cartesian_2d((0..groups.len().saturating_sub(1)).into_segmented(), 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .x_desc("policy")
        .y_desc(unit)
        .x_label_formatter(&|at| match at {
            SegmentValue::CenterOf(place) => names_of.get(*place).copied().unwrap_or("").to_owned(),
            _ => String::new(),
        })
        .y_label_formatter(&|at| if *at > most + 0.01 { String::new() } else { format!("{at:.0}") })
        .label_style((FONT, 13))
        .axis_desc_style((FONT, 13))
        .draw()?;
    let area = chart.plotting_area().strip_coord_spec();
    let (width, height) = area.dim_in_pixel();
    let pixel = |value: f64| ((1.0 - value / top) * f64::from(height)) as i32;
    let group_width = f64::from(width) / groups.len().max(1) as f64;
    let bar_width = 0.84 * group_width / inner as f64;
    let centred = Pos::new(HPos::Center, VPos::Bottom);
    for (place, (_, values)) in groups.iter().enumerate() {
        for (index, value) in values.iter().enumerate() {
            let from = (place as f64 + 0.08) * group_width + index as f64 * bar_width;
            let corners = [(from as i32, pixel(*value)), ((from + bar_width) as i32 - 2, height as i32)];
            area.draw(&Rectangle::new(corners, COLOURS[index].filled()))?;
            let style = TextStyle::from((FONT, 11)).pos(centred);
            let at = ((from + bar_width / 2.0) as i32 - 1, pixel(*value) - 2);
            area.draw(&Text::new(format!("{value:.1}"), at, style))?;
        }
    }
    for (index, name) in names.iter().enumerate() {
        let (x, y) = (10 + (index as i32) * (width as i32 - 10) / names.len() as i32, 8);
        area.draw(&Rectangle::new([(x, y), (x + 12, y + 12)], COLOURS[index].filled()))?;
        area.draw(&Text::new((*name).to_owned(), (x + 17, y), (FONT, 13)))?;
    }
    Ok(())
}

/// Lines over the length of an outage of one store.
fn lengths(report: &Report, path: &Path) -> Drawn {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let lengths: Vec<Outage> =
        Outage::all().into_iter().filter(|outage| outage.reach == Reach::Store).collect();
    let last = lengths.len().saturating_sub(1) as f64;
    let mut chart = ChartBuilder::on(&root)
        .caption("One store cut off, by length: served by rights and the basket's own points", (FONT, 17))
        .margin(10)
        .x_label_area_size(44)
        .y_label_area_size(54)
        .build_cartesian_2d(0.0..last + 0.55, 0.0..100.0)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .x_desc("length of the outage")
        .y_desc("served, % of the wishes that could be")
        .x_labels(2 * lengths.len())
        .x_label_formatter(&|at| {
            let place = lengths.iter().enumerate().find(|(place, _)| (*place as f64 - at).abs() < 0.01);
            place.map_or_else(String::new, |(_, outage)| outage.length())
        })
        .y_label_formatter(&|at| format!("{at:.0}"))
        .label_style((FONT, 13))
        .axis_desc_style((FONT, 13))
        .draw()?;
    let mut lowest = 200.0;
    let mut ends: Vec<(f64, usize)> = Vec::new();
    for (index, outcome) in report.outcomes.iter().enumerate() {
        let points = lengths.iter().enumerate();
        let points: Vec<(f64, f64)> =
            points.map(|(place, outage)| (place as f64, share(outcome, *outage, Mode::OwnPoints))).collect();
        ends.extend(points.last().map(|(_, value)| (*value, index)));
        let colour = COLOURS[index % COLOURS.len()];
        chart.draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)))?;
        chart.draw_series(points.into_iter().map(|point| Circle::new(point, 4, colour.filled())))?;
    }
    // The names stand at the ends of the lines, one above the other.
    ends.sort_by(|one, other| other.0.total_cmp(&one.0));
    for (value, index) in ends {
        let at = value.min(lowest - 5.0);
        lowest = at;
        let style = TextStyle::from((FONT, 13)).pos(Pos::new(HPos::Left, VPos::Center));
        let name = report.outcomes[index].policy.to_string();
        chart.draw_series([Circle::new((last + 0.1, at), 4, COLOURS[index % COLOURS.len()].filled())])?;
        chart.draw_series([Text::new(format!("{name} {value:.1}"), (last + 0.14, at), style)])?;
    }
    root.present()?;
    Ok(())
}
