/// What a till prints or shows: one line of at most so many characters, cut at the end of a word if it has to be.
pub(crate) fn fit(text: &str, characters_max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= characters_max {
        return line;
    }
    let room: String = line.chars().take(characters_max.saturating_sub(1)).collect();
    let whole = room.rfind(' ').filter(|at| *at > room.len() / 2).map_or(room.as_str(), |at| &room[..at]);
    format!("{}…", whole.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_by_characters_not_bytes() {
        assert_eq!(fit("You have\n 27 points.", 255), "You have 27 points.");
        assert_eq!(fit("earned 27 points", 12), "earned 27…");
        let chinese = "积分".repeat(200);
        assert_eq!(fit(&chinese, 255).chars().count(), 255);
        assert_eq!(fit(&"x".repeat(255), 255), "x".repeat(255));
        assert!(fit(&"word ".repeat(100), 255).chars().count() <= 255);
        assert_eq!(fit("", 0), "");
    }
}
