//! Every construct that there is a fixture for: what it becomes in Rust, and what was lost.
//!
//! That the Rust compiles, and what passes through it, is tested in `compiled`.

use std::fmt::Write as _;

use crate::generate::{Lowered, fixture, generate};

/// Types, method signatures and losses, a line each.
fn describe(lowered: &Lowered) -> String {
    let mut text = String::new();
    for (name, item) in &lowered.types {
        let types = lowered.document.types();
        let origin = types
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not among the types"));
        let direction = format!("{:?}", origin.direction).to_lowercase();
        writeln!(
            text,
            "// {direction}: {}\n{item}",
            origin.pointers.join(", ")
        )
        .unwrap();
    }
    let methods = lowered
        .client
        .match_indices("pub async fn ")
        .map(|(at, start)| {
            let name = &lowered.client[at + start.len()..];
            name[..name.find('<').unwrap()].to_owned()
        });
    for method in methods {
        writeln!(text, "fn {method}{}", lowered.signature(&method)).unwrap();
    }
    text.push_str("\nlosses:\n");
    for loss in &lowered.losses {
        writeln!(text, "{loss}").unwrap();
    }
    text.replace("::std::option::", "")
        .replace("::std::string::", "")
        .replace("::std::vec::", "")
        .replace("#[serde(skip_serializing_if = \"Option::is_none\")] ", "")
        .replace(" #[serde(transparent)]", "")
}

macro_rules! constructs {
    ($($test:ident: $file:literal;)*) => {
        $(#[test]
        fn $test() {
            insta::assert_snapshot!(describe(&generate(&fixture($file))));
        })*
    };
}

constructs! {
    types: "types.yaml";
    refs: "refs.yaml";
    compose: "compose.yaml";
    unions: "unions.yaml";
    objects: "objects.yaml";
    operations: "operations.yaml";
    webhooks: "webhooks.yaml";
    words: "words.yaml";
}

#[test]
fn every_loss_points_into_the_document() {
    let files = [
        "types",
        "refs",
        "compose",
        "unions",
        "objects",
        "operations",
        "webhooks",
    ];
    for file in files {
        let document = fixture(&format!("{file}.yaml"));
        for loss in generate(&document).losses {
            assert!(document.pointer(&loss.pointer).is_some(), "{file}: {loss}");
        }
    }
}
