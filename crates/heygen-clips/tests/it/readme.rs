//! The README's comparison names tests that exist.

use std::path::Path;

fn sources(folder: &Path, text: &mut String) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn each_row_of_the_comparison_names_tests_that_exist() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = String::new();
    sources(&crate_folder.join("tests"), &mut tests);
    let readme = std::fs::read_to_string(crate_folder.join("../../README.md")).unwrap();
    let section = readme.split("## Held against other SDKs").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<_> = section
        .lines()
        .filter(|line| line.starts_with("| "))
        .collect();
    assert_eq!(rows.len(), 12, "a head and eleven rows");
    for row in &rows[1..] {
        let shown_by = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for name in shown_by.split(", ") {
            let name = name.trim_matches('`');
            let exists = tests.contains(&format!("fn {name}()")) || name.contains("BENCHMARKS.md");
            assert!(exists, "no test {name} for: {row}");
        }
    }
}
