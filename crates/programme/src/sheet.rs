use crate::wrapping::{width, wrap};

/// The paper of a receipt printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// 58 mm wide.
    Mm58,
    /// 80 mm wide.
    Mm80,
}

impl Paper {
    /// How many columns a line has in the printer's usual font: a Latin letter takes one, a Chinese character
    /// or full-width mark two.
    pub fn columns(self) -> usize {
        match self {
            Paper::Mm58 => 32,
            Paper::Mm80 => 48,
        }
    }
}

/// A receipt as it is written, line by line: nothing gets beyond the paper's columns, no line ends in blanks.
#[derive(Debug)]
pub(crate) struct Sheet {
    columns: usize,
    text: String,
    is_rule_due: bool,
}

impl Sheet {
    pub(crate) fn of(paper: Paper) -> Self {
        Self { columns: paper.columns(), text: String::new(), is_rule_due: false }
    }

    /// A rule between what was written and what will be, if both are something.
    pub(crate) fn rule(&mut self) {
        self.is_rule_due = !self.text.is_empty();
    }

    /// A text in the middle, over as many lines as it needs.
    pub(crate) fn centred(&mut self, text: &str) {
        for line in wrap(text, self.columns) {
            let indent = (self.columns - width(&line)) / 2;
            self.push(indent, &line);
        }
    }

    /// A text over as many lines as it needs.
    pub(crate) fn text(&mut self, indent: usize, text: &str) {
        self.row(indent, text, "");
    }

    /// A text with another at the right end of its last line, or of the next if there is no room for it.
    pub(crate) fn row(&mut self, indent: usize, left: &str, right: &str) {
        let mut lefts = wrap(left, self.columns - indent);
        let mut rights = wrap(right, self.columns);
        if let ([.., last], [only]) = (lefts.as_mut_slice(), rights.as_slice()) {
            let gap = self.columns.saturating_sub(indent + width(last) + width(only));
            if gap > 0 {
                last.push_str(&" ".repeat(gap));
                last.push_str(only);
                rights.clear();
            }
        }
        for line in lefts {
            self.push(indent, &line);
        }
        for line in rights {
            self.push(self.columns - width(&line), &line);
        }
    }

    /// Room to write by hand, and a line to write `what` on.
    pub(crate) fn line_for(&mut self, what: &str) {
        self.push(0, "");
        let rest = self.columns.saturating_sub(width(what) + 1);
        self.push(0, &format!("{what} {}", "_".repeat(rest)));
    }

    /// What is written, every line with its end.
    pub(crate) fn written(self) -> String {
        self.text
    }

    fn push(&mut self, indent: usize, line: &str) {
        if std::mem::take(&mut self.is_rule_due) {
            self.text.push_str(&"-".repeat(self.columns));
            self.text.push('\n');
        }
        self.text.push_str(&" ".repeat(if line.is_empty() { 0 } else { indent }));
        self.text.push_str(line);
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_another_line_when_there_is_no_room() {
        let mut sheet = Sheet::of(Paper::Mm58);
        sheet.rule();
        sheet.centred("药房");
        sheet.rule();
        sheet.rule();
        sheet.row(0, &"宽".repeat(14), "1.0");
        sheet.row(0, &"宽".repeat(14), "1.00");
        sheet.row(2, "", "5.00");
        sheet.rule();
        let rule = "-".repeat(32);
        let wide = "宽".repeat(14);
        let (one, two, five) = (format!("{wide} 1.0"), format!("{:>32}", "1.00"), format!("{:>32}", "5.00"));
        assert_eq!(sheet.written(), format!("{:14}药房\n{rule}\n{one}\n{wide}\n{two}\n{five}\n", ""));
    }
}
