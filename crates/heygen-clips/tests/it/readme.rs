//! The README's comparison names tests that exist, and counts what a first build takes.

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
            let exists = tests.contains(&format!("fn {name}()"));
            assert!(exists, "no test {name} for: {row}");
        }
    }
}

/// As `benches/first-build.sh` counts the packages of a row.
#[cfg(target_os = "linux")]
fn packages(row: &str) -> u32 {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/first-build.sh");
    let output = std::process::Command::new("bash")
        .args([script, row])
        .envs([("ROUNDS", "0"), ("CARGO_NET_OFFLINE", "true")])
        .output()
        .unwrap();
    let (said, errors) = (output.stdout, String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(said).unwrap();
    let line = said.lines().last().unwrap();
    let cell = line.trim_matches('|').split('|').nth(1);
    let count = cell.and_then(|cell| cell.trim().parse().ok());
    count.unwrap_or_else(|| panic!("{said}\n{errors}"))
}

// Other systems have other packages.
#[cfg(target_os = "linux")]
#[test]
fn a_first_build_takes_at_most_25_packages_more_than_that_of_its_reqwest() {
    let reqwest = packages("reqwest alone, with what the SDK uses of it");
    let sdk = packages(r"SDK, rustls with ring \(default\)");
    assert_eq!((reqwest, sdk), (108, 123), "as the README says");
    assert!(sdk - reqwest <= 25);
}
