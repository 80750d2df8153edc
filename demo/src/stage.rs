//! What the demo shows: a few lines of text, 80 columns, Chinese characters two columns wide.

use std::time::Duration;

use purser_node::say;

const INDENT: &str = "   ";

/// Prints the title of a scene.
pub(crate) fn scene(title: &str, lines: &str) {
    let gap = 78_usize.saturating_sub(columns(title) + columns(lines));
    say(&format!("\n{title}{}{lines}", " ".repeat(gap.max(2))));
}

/// Prints a line of a scene.
pub(crate) fn tell(line: &str) {
    say(&format!("{INDENT}{line}"));
}

/// Prints a table: the first column to the left, all others to the right.
pub(crate) fn table(rows: &[Vec<String>]) {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| columns(cell)).max();
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = width(column).unwrap_or(0);
            if column == 0 { left(cell, width) } else { right(cell, width) }
        });
        tell(cells.collect::<Vec<_>>().join("   ").trim_end());
    }
}

/// `text` filled up on its right.
pub(crate) fn left(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// `text` filled up on its left.
pub(crate) fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(columns(text))))
}

/// A time as people say it.
pub(crate) fn time(duration: Duration) -> String {
    let tenths = duration.as_micros() / 100;
    if tenths < 10_000 {
        format!("{}.{} ms", tenths / 10, tenths % 10)
    } else {
        format!("{}.{} s", tenths / 10_000, tenths / 1_000 % 10)
    }
}

/// `text` in lines of at most so many columns.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let room = lines.last().map_or(0, |line| width.saturating_sub(columns(line)));
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if columns(word) < room => *line = format!("{line} {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The columns that a terminal needs for `text`.
fn columns(text: &str) -> usize {
    // From the CJK radicals on, characters are two columns wide (Unicode, UAX 11), and so far
    // as this demo goes nothing else is.
    text.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_names_keep_columns_in_line() {
        assert_eq!(columns("泉城路 Spring Road"), 18);
        assert_eq!(left("王伟", 6), "王伟  ");
        assert_eq!(right("700", 6), "   700");
    }

    #[test]
    fn times_are_told_in_fitting_units() {
        assert_eq!(time(Duration::from_micros(3_250)), "3.2 ms");
        assert_eq!(time(Duration::from_millis(2_060)), "2.0 s");
    }
}
