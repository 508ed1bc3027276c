//! File names from labels that a server, and before it a language model, made up.

use crate::job::FinishedClip;

/// Longest part of a name taken from the label, in bytes; file systems allow 255 for all of it.
const LONGEST: usize = 80;

impl FinishedClip {
    /// What [downloads](crate::Download) name its files, without `.mp4` and `.vtt`, such as
    /// `02-why-we-changed-our-pricing`.
    #[must_use]
    pub fn file_stem(&self) -> String {
        stem(self.position, self.label.as_deref(), &self.id)
    }
}

/// `02-why-we-changed-our-pricing` for the second clip, labelled "Why we changed our pricing?".
///
/// Letters and digits of any script stay, all else becomes single hyphens: no separators, no
/// control or direction marks, no leading dot. The number in front keeps names unique, keeps the
/// order, and keeps them off the names that Windows reserves.
fn stem(position: usize, label: Option<&str>, id: &str) -> String {
    let name = [label.unwrap_or_default(), id]
        .into_iter()
        .map(slug)
        .find(|name| !name.is_empty());
    match name {
        Some(name) => format!("{position:02}-{name}"),
        None => format!("{position:02}-clip"),
    }
}

fn slug(text: &str) -> String {
    let mut out = String::new();
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        if !out.is_empty() {
            out.push('-');
        }
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
    let end = (0..=LONGEST.min(out.len()))
        .rev()
        .find(|&at| out.is_char_boundary(at))
        .unwrap_or(0);
    out.truncate(end);
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn labels_become_names_that_every_file_system_takes() {
        let name = |label| stem(1, Some(label), "c_7f2e");
        assert_eq!(
            name("Why we changed our pricing"),
            "01-why-we-changed-our-pricing"
        );
        assert_eq!(name("../../etc/passwd"), "01-etc-passwd");
        assert_eq!(name("C:\\x|y?z*"), "01-c-x-y-z");
        assert_eq!(name("CON"), "01-con");
        assert_eq!(name(".hidden\u{202e}gpj\0"), "01-hidden-gpj");
        assert_eq!(name("Größe → 大きさ"), "01-größe-大きさ");
        assert_eq!(name("\n \t"), "01-c-7f2e");
        assert_eq!(stem(12, None, "///"), "12-clip");
    }

    #[test]
    fn a_long_label_is_cut_between_characters() {
        let name = stem(1, Some(&"é".repeat(500)), "c");
        assert_eq!(name, format!("01-{}", "é".repeat(40)));
    }
}
