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
