//! The known key somebody most likely meant.

/// The nearest of the known words, if it is near enough to be meant.
pub(crate) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let word = plain(word);
    let ranked = known.into_iter().map(|candidate| (distance(&word, &plain(candidate)), candidate));
    let (distance, candidate) = ranked.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.chars().count() / 5).then_some(candidate)
}

/// Levenshtein: how many characters must be put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let changed = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_finds_none() {
        let known = ["watch_folder", "done_folder", "name", "format"];
        for (word, expected) in [
            ("watch_foldr", Some("watch_folder")),
            ("WatchFolder", Some("watch_folder")),
            ("watch-folder", Some("watch_folder")),
            ("nmae", None),
            ("nam", Some("name")),
            ("colour", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
