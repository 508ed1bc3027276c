//! Finds what differs between two documents. Each finding is a [`fact::Fact`] with the operation and
//! the direction that it concerns; what it means is [`crate::verdict`]'s, and how findings are
//! brought together [`crate::gather`]'s.

mod access;
mod align;
mod arrays;
mod bodies;
mod delivered;
mod encoding;
mod exams;
pub(crate) mod fact;
mod formats;
mod headers;
mod lengths;
mod listed;
mod objects;
mod operations;
mod owed;
pub(crate) mod pairs;
mod parameters;
mod patterns;
mod samples;
mod scalars;
mod words;
pub(crate) mod xml;

pub(crate) use lengths::languages;
pub(crate) use operations::{Comparison, Notation, Place, Root, Text, compare};
pub(crate) use patterns::names;

/// What a place is called, for people: the last names in its pointer that are no keywords.
pub(crate) fn subject(place: &str) -> String {
    let tokens: Vec<String> = place.split('/').skip(1).map(crate::pointer::last).collect();
    let mut name = String::new();
    let mut suffix = "";
    let mut index = tokens.len();
    while index > 0 {
        index -= 1;
        let token = &tokens[index];
        let named = index > 0
            && matches!(
                tokens[index - 1].as_str(),
                "properties"
                    | "schemas"
                    | "patternProperties"
                    | "headers"
                    | "$defs"
                    | "definitions"
            );
        if named {
            name = token.clone();
            break;
        }
        match token.as_str() {
            "items" | "prefixItems" => suffix = "[]",
            "additionalProperties" => suffix = ".*",
            _ => {}
        }
    }
    format!("{name}{suffix}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_place_is_called_by_its_last_name() {
        for (place, name) in [
            ("#/components/schemas/Job/properties/title/anyOf/0", "title"),
            ("#/components/schemas/Job/properties/tags/items", "tags[]"),
            ("#/components/schemas/Job", "Job"),
            ("#/paths/~1v1/get/parameters/0/schema", ""),
        ] {
            assert_eq!(super::subject(place), name);
        }
    }
}
