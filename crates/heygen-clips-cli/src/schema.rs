//! The command `schema`: JSON Schemas of the API's types.

use heygen_clips::types;
use serde::Serialize;

use crate::failure::Failure;
use crate::output;

/// Prints the schema of a type, or the names of all.
pub(crate) fn print(name: Option<&str>) -> Result<(), Failure> {
    let Some(name) = name else {
        return output::print_json(&Names {
            types: types::schema_names().collect(),
        });
    };
    if let Some(schema) = types::schema(name) {
        return output::print_json(&schema);
    }
    // Whoever types `clip_job` or `clipjob` means a type all the same.
    let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    let meant = types::schema_names().find(|known| plain(known) == plain(name));
    let message = match meant {
        Some(known) => format!("there is no type {name}; did you mean {known}?"),
        None => format!("there is no type {name}; heygen-clips schema lists the names"),
    };
    Err(Failure::usage("[TYPE]", message))
}

#[derive(Serialize)]
struct Names {
    types: Vec<&'static str>,
}
