//! Strings that match a regular expression.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::schema::ascii_classes;

/// A string that matches, with about `room` characters beyond the fewest. `None` for expressions
/// that the reader does not know, such as look-ahead.
pub(super) fn example(pattern: &str, room: usize) -> Option<String> {
    let hir = regex_syntax::parse(&ascii_classes(pattern)).ok()?;
    let mut text = String::new();
    let mut room = room;
    write(&hir, &mut text, &mut room)?;
    // Where nothing in the expression could take the room, an open end can.
    if room > 0 && !pattern.ends_with('$') {
        text.extend(std::iter::repeat_n('a', room));
    }
    Some(text)
}

fn write(hir: &Hir, text: &mut String, room: &mut usize) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges();
            let holds = |wanted: char| {
                ranges
                    .iter()
                    .any(|range| range.start() <= wanted && wanted <= range.end())
            };
            let likely = "aA0-_ .:/".chars().find(|wanted| holds(*wanted));
            text.push(likely.or_else(|| {
                ranges
                    .first()
                    .map(regex_syntax::hir::ClassUnicodeRange::start)
            })?);
        }
        HirKind::Class(Class::Bytes(class)) => {
            text.push(char::from(class.ranges().first()?.start()));
        }
        HirKind::Repetition(repetition) => {
            let least = repetition.min as usize;
            let most = repetition.max.map_or(usize::MAX, |max| max as usize);
            let more = (*room).min(most.saturating_sub(least));
            *room -= more;
            for _ in 0..least + more {
                write(&repetition.sub, text, room)?;
                if text.len() > 100_000 {
                    return None;
                }
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, text, room)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, text, room)?;
            }
        }
        HirKind::Alternation(parts) => write(parts.first()?, text, room)?,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::example;

    #[test]
    fn examples_match_and_fill_the_room() {
        for (pattern, room, expected) in [
            ("^[A-Za-z0-9_\\-:.]{1,255}$", 3, "aaaa"),
            ("^v[0-9]+\\.[0-9]+$", 0, "v0.0"),
            ("^(red|green)$", 0, "red"),
            ("^\\d{4}-\\d{2}$", 0, "0000-00"),
            // Letters and digits are those of ASCII.
            ("^[\\d&&[^0]]$", 0, "1"),
            ("^[\\w&&[^ -~]]?x$", 0, "x"),
        ] {
            assert_eq!(
                example(pattern, room).as_deref(),
                Some(expected),
                "{pattern}"
            );
        }
        assert_eq!(example("^(?=a)", 0), None);
    }
}
