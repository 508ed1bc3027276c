//! What is made from the definition of the commands.

use crate::run::run;

#[test]
fn each_command_has_a_page_and_a_completion() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let written = run(&["man", "--output", pages.to_str().unwrap()], &[]);
    assert_eq!((written.code, written.stdout.as_str()), (0, ""));
    let main = run(&["man"], &[]).stdout;
    let completions = run(&["completions", "bash"], &[]).stdout;
    for command in ["create", "assets upload", "webhook listen", "man"] {
        let name = format!("heygen-clips {command}").replace(' ', "-");
        let page = std::fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
        assert!(page.contains(&format!(".TH {name} 1")), "{page}");
        let first = command.split(' ').next().unwrap();
        assert!(
            main.contains(&format!("heygen\\-clips\\-{first}(1)")),
            "{main}"
        );
        assert!(
            completions.contains(&command.replace(' ', "__subcmd__")),
            "{command}"
        );
    }
    assert!(main.contains("Exit codes"), "{main}");
}

#[test]
fn the_readme_has_every_exit_code_of_the_help() {
    let help = run(&["--help"], &[]).stdout;
    let (_, codes) = help.split_once("Exit codes: ").unwrap();
    let codes = codes.split(',').map(str::trim);
    let codes: Vec<_> = codes
        .map(|meaning| meaning.split_once(' ').unwrap().0)
        .collect();
    assert_eq!(codes, ["0", "1", "2", "3", "4", "130"]);
    let readme = std::fs::read_to_string("README.md").unwrap();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| "));
    let rows = rows.filter_map(|row| Some(row.split_once(" |")?.0));
    let listed: Vec<_> = rows.filter(|cell| cell.parse::<u8>().is_ok()).collect();
    assert_eq!(listed, codes);
}

#[test]
fn who_stops_reading_help_is_no_failure() {
    for arguments in [&["--help"][..], &["create", "--help"], &["--version"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_heygen-clips"))
            .args(arguments)
            .stdout(writer)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.as_str()), (Some(0), ""));
    }
}
